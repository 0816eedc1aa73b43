-- For wrk: the requests of a file, one line each, in their order from some place on (bench/scenarios/scenario.ts).
-- Arguments: the file, and a number that no other run of the bench against the same server had.
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "latency.lua")

local targets, fields = {}, {}
local at, new, run = 0, 0, ""

function init(args)
  run = args[2]
  for line in io.lines(args[1]) do
    local target, field = line:match("^([^\t]+)\t?(.*)$")
    targets[#targets + 1] = target
    fields[#fields + 1] = field == "" and field or (field .. "\r\n")
  end
  at = (tonumber(run) * 7919) % #targets
  local lines = {}
  for name, value in pairs(wrk.headers) do lines[#lines + 1] = name .. ": " .. value .. "\r\n" end
  head = " HTTP/1.1\r\n" .. table.concat(lines)
end

function request()
  at = at % #targets + 1
  local target = targets[at]
  if target:sub(-1) == "@" then
    new = new + 1
    target = target:sub(1, -2) .. run .. "-" .. new
  end
  return "GET " .. target .. head .. fields[at] .. "\r\n"
end
