-- Is an answer kept, and if it has to be fetched, by whom?
-- KEYS    the answer, its lock, then the tags that end it
-- ARGV[1] milliseconds before its end from which on it is stale, [2] how long the lock lives, [3] who asks
-- Answers { the tags' generations, the answer or "", milliseconds that it lives, 1 if the lock is ours }
-- An answer begins with the generations under which it was asked for: it is worth nothing under others.
local generations = {}
for i = 3, #KEYS do generations[i - 2] = redis.call('GET', KEYS[i]) or '0' end
local now = table.concat(generations, ',') .. ';'
local kept, left = redis.call('GET', KEYS[1]) or '', 0
if string.sub(kept, 1, #now) == now then
    left = redis.call('PTTL', KEYS[1])
    kept = string.sub(kept, #now + 1)
else
    kept = ''
end
local mine = 0
if left <= tonumber(ARGV[1]) and redis.call('SET', KEYS[2], ARGV[3], 'NX', 'PX', ARGV[2]) then mine = 1 end
return { now, kept, left, mine }
