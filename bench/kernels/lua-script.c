// Runs Lua on a script that makes tables, strings and closures; Lua itself is Debian's source, see ../build.mjs. No file
// and no error is involved: there is no setjmp here.
#include <stdio.h>
#include <stdlib.h>
#include "lauxlib.h"
#include "lualib.h"

static const char SCRIPT[] =
    "local rounds = ...\n"
    "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end\n"
    "local sum = fib(18)\n"
    "for round = 1, rounds do\n"
    "  local words, counts = {}, {}\n"
    "  for i = 1, 400 do words[i] = string.format('%d:%s', (i * 7919 + round) % 1009, ('x'):rep(i % 7)) end\n"
    "  table.sort(words)\n"
    "  for _, word in ipairs(words) do counts[#word] = (counts[#word] or 0) + 1; sum = sum + #word:gsub('x', 'yz') end\n"
    "  local matrix = {}\n"
    "  for i = 1, 20 do matrix[i] = {} for j = 1, 20 do matrix[i][j] = i * j * 0.5 end end\n"
    "  for i = 1, 20 do for j = 1, 20 do sum = sum + matrix[i][j] * matrix[j][i] % 3 end end\n"
    "end\n"
    "return sum // 1\n";

int main(int argc, char **argv) {
  lua_State *lua = luaL_newstate();
  luaL_requiref(lua, "_G", luaopen_base, 1);
  luaL_requiref(lua, "string", luaopen_string, 1);
  luaL_requiref(lua, "table", luaopen_table, 1);
  if (luaL_loadstring(lua, SCRIPT) != LUA_OK) return 2;
  lua_pushinteger(lua, argc > 1 ? atoi(argv[1]) : 1);
  lua_call(lua, 1, 1);
  printf("%lld\n", (long long)lua_tonumber(lua, -1));
}
