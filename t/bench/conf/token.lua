-- The token of the shared dictionary, or that of a login, which one request
-- makes while the others wait.

local json = require("cjson.safe")
local tokens = ngx.shared.tokens
local locks = ngx.shared.locks

local module = {}


local function login(tenant)
    local reply = ngx.location.capture("/_login", {
        method = ngx.HTTP_POST,
        body = "grant_type=client_credentials"
               .. (tenant and "&scope=" .. tenant or ""),
    })

    local answer = reply.status == 200 and json.decode(reply.body)

    if not answer then
        return nil
    end

    tokens:set(tenant or "token", answer.access_token, answer.expires_in - 1)

    return answer.access_token
end


function module.get(tenant)
    local name = tenant or "token"
    local token = tokens:get(name)

    for _ = 1, 500 do

        if token then
            return token
        end

        if locks:add(name, true, 10) then
            token = tokens:get(name) or login(tenant)
            locks:delete(name)

            return token or ngx.exit(502)
        end

        ngx.sleep(0.02)
        token = tokens:get(name)
    end

    return ngx.exit(504)
end


return module
