-- For wrk: POST with a body of as many bytes as the argument says.
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "latency.lua")

function init(args)
  wrk.method = "POST"
  wrk.body = string.rep("x", tonumber(args[1]))
  post = wrk.format()
end

function request()
  return post
end
