-- For wrk: requests of N tenants at random; "wrk -s tenants.lua URL -- N".

local tenants


function init(args)
    tenants = tonumber(args[1])
end


function request()
    return wrk.format(nil, wrk.path .. "?t=" .. math.random(0, tenants - 1))
end
