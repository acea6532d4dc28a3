-- What a gateway of nginx and Lua does for each request: an HS256 token, a limit in Redis (GCRA by its clock), then proxy_pass.
local ffi = require 'ffi'
local crypto = package.loaded.bench_crypto
if not crypto then
    ffi.cdef [[
        unsigned char *HMAC(const void *md, const void *key, int key_length, const unsigned char *data, size_t length,
                            unsigned char *out, unsigned int *out_length);
        const void *EVP_sha256(void);
    ]]
    crypto = ffi.load('libcrypto.so.3')
    package.loaded.bench_crypto = crypto
end
local redis = require 'nginx.redis'

local SCRIPT = [[
local t = redis.call('TIME')
local now, interval, burst = t[1] * 1000000 + t[2], tonumber(ARGV[1]), tonumber(ARGV[2])
local full = tonumber(redis.call('GET', KEYS[1]) or 0)
if full < now then full = now end
local wanted = full + interval
if wanted > now + interval * burst then return -1 end
redis.call('SET', KEYS[1], string.format('%.0f', wanted), 'PX', math.ceil((wanted - now) / 1000))
return math.floor((now + interval * burst - wanted) / interval)
]]

local function bytes(text)
    return ngx.decode_base64((text:gsub('-', '+'):gsub('_', '/')) .. string.rep('=', -#text % 4))
end

local function check_token(key)
    local signed, signature = (ngx.var.http_authorization or ''):match('^Bearer ([%w_-]+%.[%w_-]+)%.([%w_-]+)$')
    if not signed then return false end
    local out = ffi.new('unsigned char[32]')
    crypto.HMAC(crypto.EVP_sha256(), key, #key, signed, #signed, out, nil)
    local expires = bytes(signed:match('%.(.*)')):match('"exp":(%d+)')
    return ffi.string(out, 32) == bytes(signature) and tonumber(expires) > ngx.time()
end

if not check_token('bench-key-bench-key-bench-key-32') then return ngx.exit(401) end
local store = redis:new()
store:set_timeout(100)
assert(store:connect('unix:' .. ngx.var.redis_socket))
local left, wrong = store:evalsha(ngx.var.script, 1, 'limit:' .. ngx.var.remote_addr, 10, 100000)
if not left then left, wrong = store:eval(SCRIPT, 1, 'limit:' .. ngx.var.remote_addr, 10, 100000) end
if not left then ngx.log(ngx.ERR, wrong) return ngx.exit(500) end
store:set_keepalive(10000, 256)
if tonumber(left) < 0 then return ngx.exit(429) end
ngx.header['RateLimit'] = '"client";r=' .. left .. ';t=1'
