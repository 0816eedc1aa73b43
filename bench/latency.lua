-- For wrk: what a client waited for an answer, as one line at the end. Given alone, it leaves the requests as they are.
function done(summary, latency, requests)
  local function ms(percentile) return latency:percentile(percentile) / 1000 end
  print(string.format("latency ms p50 %.3f p99 %.3f p99.9 %.3f max %.3f", ms(50), ms(99), ms(99.9), latency.max / 1000))
end
