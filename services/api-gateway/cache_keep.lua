-- Keep an answer, or keep none, and let go of the lock.
-- KEYS    the answer, its lock
-- ARGV[1] who asked, [2] milliseconds that it lives, 0: keep none, [3] the generations, [4] the answer
if ARGV[2] ~= '0' then redis.call('SET', KEYS[1], ARGV[3] .. ARGV[4], 'PX', ARGV[2]) end
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 1
