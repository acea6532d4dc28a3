-- The rule of limiter_local.c for one client, by the clock of Redis.
-- KEYS[1] the client   ARGV: microseconds between requests, burst, cost
-- Answers { allowed, remaining, microseconds until a retry (-1: never), until the bucket is full }
-- All numbers stay whole and below 2^53, which a Lua number holds exactly until the year 2255.
local interval, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local depth = interval * burst
local full = tonumber(redis.call('GET', KEYS[1]) or 0)
if full < now then full = now end
if full > now + depth then full = now + depth end
local wanted = full + interval * cost
local spare = now + depth - wanted
if spare < 0 then
    local retry = -spare
    if cost > burst then retry = -1 end
    return { 0, math.floor((now + depth - full) / interval), retry, full - now }
end
if cost > 0 then
    redis.call('SET', KEYS[1], string.format('%.0f', wanted), 'PX', math.ceil((wanted - now) / 1000))
end
return { 1, math.floor(spare / interval), 0, wanted - now }
