-- Sends the requests of a file in their order, once each: <length>\n<bytes>, repeated.
local requests, at, total = {}, 0, 0

function init(args)
  local file = assert(io.open(args[1], "rb"))
  while true do
    local length = file:read("*n")
    if not length then break end
    file:read(1)
    total = total + 1
    requests[total] = file:read(length)
  end
  file:close()
end

function request()
  at = at + 1
  if at > total then
    -- Out of proofs: what is sent now is a replay, so it shows as an error.
    at = 1
  end
  return requests[at]
end

function done(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
    summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
