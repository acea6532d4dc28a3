-- The rule of limiter_local.c for the buckets of one request, all or nothing, by the clock of Redis.
-- KEYS    the buckets
-- ARGV[1] gateways that share them, then for each: microseconds between requests, burst, cost,
--         tokens wished for in advance, microseconds that those may be held, 1 if it never refuses,
--         what a gateway allowed by itself while it could not ask: charged whatever is said now
-- Answers { allowed, and for each: allowed, remaining, microseconds until a retry (-1: never),
--           microseconds until it is full, tokens given in advance }
-- Tokens given in advance are taken from the bucket at once.  A bucket that may lend is kept as
-- "full:slot:lent in the slot:lent in the one before"; while tokens are out it does not fill
-- beyond what is left, so that they and the bucket together never hold more than the burst.
-- All numbers stay whole and below 2^53, which a Lua number holds exactly until the year 2255.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local gateways = tonumber(ARGV[1])
local out, values, lives, owed = { 1 }, {}, {}, {}

local function text(full, slot, lent, before)
    if lent + before == 0 then return string.format('%.0f', full) end
    return string.format('%.0f:%.0f:%.0f:%.0f', full, slot, lent, before)
end

for i = 1, #KEYS do
    local a = i * 7 - 5
    local interval, burst, cost = tonumber(ARGV[a]), tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2])
    local wish, hold = tonumber(ARGV[a + 3]), tonumber(ARGV[a + 4])
    local depth = interval * burst
    local value = redis.call('GET', KEYS[i]) or '0'
    local full, slot, lent, before = tonumber(value), 0, 0, 0
    if hold > 0 then slot = math.floor(now / hold) end
    if not full then
        local f, s, l, b = string.match(value, '^(%d+):(%d+):(%d+):(%d+)$')
        full = tonumber(f) or 0
        if tonumber(s) == slot then lent, before = tonumber(l), tonumber(b) end
        if tonumber(s) == slot - 1 then before = tonumber(l) end
    end
    local least = now + (lent + before) * interval
    if full < least then full = least end
    full = full + tonumber(ARGV[a + 6]) * interval
    local most = now + depth -- a debt may go deeper, for as long as the bucket lasts or a second
    if full > most then most = most + math.max(depth, 1000000) end
    local kept = ARGV[a + 6] ~= '0' or full > most -- whatever is said: a debt, or a clock set back
    if full > most then full = most end
    local wanted = full + interval * cost
    local spare = now + depth - wanted
    local allowed, retry, given = 1, 0, 0
    if spare < 0 then
        allowed, retry, wanted = 0, -spare, full
        if cost > burst then retry = -1 end
        if ARGV[a + 5] == '0' then out[1] = 0 end
        if kept then owed[i] = text(full, slot, lent, before) end
    elseif cost > 0 then
        given = math.min(wish, math.floor(spare / interval / (2 * gateways)),
                         math.floor(burst / 2) - lent - before)
        if given < 1 then given = 0 end
        wanted = wanted + interval * given
        if kept then owed[i] = text(full, slot, lent, before) end
        lent = lent + given
        values[i] = text(wanted, slot, lent, before)
    end
    lives[i] = math.ceil((wanted - now) / 1000)
    if lent + before > 0 then lives[i] = math.max(lives[i], math.ceil(2 * hold / 1000)) end
    local o = i * 5 - 3
    out[o], out[o + 2] = allowed, retry
    out[o + 1] = math.max(0, math.floor((now + depth - wanted) / interval))
    out[o + 3], out[o + 4] = wanted - now, given
end
for i = 1, #KEYS do
    local value = out[1] == 1 and values[i] or owed[i]
    if value then redis.call('SET', KEYS[i], value, 'PX', math.max(lives[i], 1)) end
end
return out
