-- What needs longjmp (errors, coroutines), and what of Lua's library reaches WASI.
local passed = 0
local function check(what, holds)
  if holds then passed = passed + 1 else print("failed: " .. what) end
end

check("an error is caught", not pcall(error, "x"))
check("its value comes along", select(2, pcall(error, { 7 }))[1] == 7)
check("errors of the library", select(2, pcall(function() string.rep() end)):find("bad argument #1 to 'rep'", 1, true))
check("a handler sees the stack", select(2, xpcall(function() error("deep") end, debug.traceback)):find("stack traceback", 1, true))
check("an error inside an error", not pcall(function() pcall(error, 1) error(2) end))
local function deep(n) if n == 0 then error("bottom") end return deep(n - 1) + 1 end
check("a thousand frames are left at once", not pcall(deep, 1000))
local squares = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i * i) end end)
check("a coroutine yields", squares() == 1 and squares() == 4 and squares() == 9)
check("an error ends a coroutine", coroutine.resume(coroutine.create(error), "x") == false)
check("strings", ("wasi"):rep(3, "-") == "wasi-wasi-wasi" and ("%5.2f"):format(1 / 3) == " 0.33")
check("integers and floats", 7 // 2 == 3 and 7 / 2 == 3.5 and math.maxinteger + 1 == math.mininteger)
local file = assert(io.open("written.txt", "w"))
file:write("one\ntwo\n")
file:close()
local lines = {}
for line in io.lines("written.txt") do lines[#lines + 1] = line end
check("files", #lines == 2 and lines[2] == "two" and os.remove("written.txt"))
check("no program is started", os.execute() == false)
print(passed == 12 and "all 12 checks passed" or passed .. " of 12 checks passed")
os.exit(passed == 12)
