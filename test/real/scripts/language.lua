-- What of Lua goes through setjmp and longjmp: errors, in every place they can cross. And enough of the rest.
print(_VERSION, #arg, arg[1], arg[2])
print(pcall(error, {}), select(2, pcall(error, "text", 0)), pcall(error))
print(select(2, pcall(function() local x; return x.field end)))
print(xpcall(function() error({ code = 7 }) end, function(e) return "handled " .. e.code end))
-- an error that crosses C: sort calls back, and so do gsub and metamethods
print(pcall(table.sort, { 3, 1, 2 }, function(a, b) error("in sort", 0) end))
print(pcall(string.gsub, "abc", "%w", function(c) if c == "b" then error("in gsub", 0) end end))
local angry = setmetatable({}, { __add = function() error("in __add", 0) end, __close = function(_, e) print("closed with", e) end })
print(pcall(function() return angry + 1 end))
print(pcall(function() local closing <close> = angry; error("out", 0) end))
-- coroutines: each has a jump buffer of its own
local function numbers(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end error("no more", 0) end) end
local next_number, sum = numbers(1000), 0
while true do local ok, value = pcall(next_number); if not ok then print(value, sum) break end sum = sum + value end
local inside = coroutine.create(function() print(pcall(coroutine.yield, "yielded in pcall")); error("at the end", 0) end)
print(coroutine.resume(inside)); print(coroutine.resume(inside, "back")); print(coroutine.status(inside))
-- many errors, nested deeply: a table of jump buffers that grows would show
local function nest(n) if n == 0 then error("deep", 0) end local ok, e = pcall(nest, n - 1); error(e .. n % 10, 0) end
print(#select(2, pcall(nest, 150)))
print(load("return 1 +")); print(load("return ..., 2")(1))
-- numbers, strings, tables
print(7 // 2, -7 // 2, 7 % -3, 2^53, 1e15, 0x7fffffffffffffff + 1, 3 | 4, ~0, 1 << 62, math.tointeger(3.0), 10 / 2)
print(string.format("%5.2f|%q|%x|%-5s|%g", 3.14159, "a\nb\0c", 255, "ab", 1e100), ("x"):rep(3, ","), ("naïve"):upper())
print(string.pack("<i4d", 42, 0.5):byte(1, -1)); print(utf8.char(26085, 26412), utf8.len("日本"), ("%d+"):rep(2))
local t = {} for i = 1, 500 do t[i] = i * 7919 % 1009 end table.sort(t); print(t[1], t[250], t[500], #t, table.concat(t, " ", 1, 5))
for k, v in string.gmatch("a=1, b=2", "(%w+)=(%w+)") do io.write(k, v, ";") end print()
-- files, and what WASI has not
local f = assert(io.open("out.txt", "w")); f:write("line 1\n", 2, "\n", 3.5); f:close()
for line in io.lines("out.txt") do io.write("[", line, "]") end print((select(2, io.open("none.txt"))))
print(os.rename("out.txt", "kept.txt"), os.getenv("NOBODY_SETS_THIS"), os.time({ year = 2026, month = 1, day = 1, hour = 12 }) > 0)
collectgarbage(); print(collectgarbage("count") < 1000)
