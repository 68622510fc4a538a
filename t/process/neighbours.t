#!/usr/bin/perl

# Tests that njs and Lua beside the module change nothing for it: not where
# they have their hands on headers, phases and filters, in whatever order the
# modules are loaded.  And they see the token nowhere but where it is given.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $root = "$FindBin::Bin/../..";
my $dir = "$root/build/neighbours";

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

plan(skip_all => 'modules of Debian fit the nginx of Debian only')
    if $t->{nginx} !~ m{^/usr/sbin/};

my $why = `$root/t/tools/neighbours $dir 2>&1`;
is($?, 0, 'the neighbours are there') or BAIL_OUT($why);

# libraries of theirs that are not installed

my $libraries = join ':', glob "$dir/{usr/,}lib/*-linux-gnu*";

$t->write_file('main.js', <<'JS');
function seen(r) { return (r.headersIn.Authorization || "none"); }

async function via(r) {
    let reply = await r.subrequest("/api/of-njs");
    r.headersOut["X-Seen"] = seen(r);
    r.return(200, reply.responseText);
}

function mark(r) { r.headersOut["X-Njs"] = seen(r); }

function pass(r, data, flags) { r.sendBuffer(data, flags); }

export default { seen, via, mark, pass };
JS

my $config = <<"CONF";
LOAD
http {
    %%HTTP%%

    js_import main from %%PREFIX%%/main.js;
    js_set \$js_seen main.seen;

    lua_package_path "$dir/usr/share/lua/5.1/?.lua;;";
    lua_shared_dict words 1m;

    # for all there is, so for the hidden servers too, if they can be reached

    init_by_lua_block { words = ngx.shared.words }
    rewrite_by_lua_block { ngx.req.set_header("X-Lua", "rewrite") }
    access_by_lua_block {
        local seen = ngx.req.get_headers()["Authorization"]
        ngx.ctx.seen = seen or "none"
    }
    header_filter_by_lua_block { ngx.header["X-Lua"] = ngx.ctx.seen }
    body_filter_by_lua_block { ngx.ctx.n = (ngx.ctx.n or 0) + #ngx.arg[1] }
    log_by_lua_block {
        words:incr("logged", 1, 0)
        local all = ngx.req.raw_header(true)
        if string.find(all, "tok-", 1, true) then
            ngx.log(ngx.ALERT, "a token is seen")
        end
    }

    log_format seen '\$uri "\$http_authorization" "\$js_seen"';

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/token;
        client_id gateway;
        client_secret s3cret;
        replay_interval 1ms;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        access_log logs/seen.log seen;
        oauthcc crm;

        location /api/ { proxy_pass http://127.0.0.1:%%PORT_api%%; }

        location /njs { js_content main.via; }

        location /filtered {
            js_header_filter main.mark;
            js_body_filter main.pass;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /variable {
            proxy_set_header X-Seen \$js_seen;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /lua {
            content_by_lua_block {
                local a = ngx.location.capture("/api/of-lua")
                local b, c = ngx.location.capture_multi({
                    { "/api/one" }, { "/api/two" } })
                ngx.header["X-Seen"] = ngx.req.get_headers()["Authorization"]
                                       or "none"
                ngx.print(a.body, b.body, c.body)
            }
        }

        location /exec {
            rewrite_by_lua_block { return ngx.exec("/api/exec") }
        }

        location /kept {
            access_by_lua_block { ngx.header["X-Kept"] = "kept" }
            header_filter_by_lua_block {
                ngx.header["X-Filtered"] = words:incr("filtered", 1, 0)
            }
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /own {
            rewrite_by_lua_block {
                ngx.req.set_header("Authorization", "Bearer of-lua")
                for i = 1, 50 do ngx.req.set_header("X-" .. i, "v") end
                for i = 1, 49 do ngx.req.clear_header("X-" .. i) end
            }
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /none {
            access_by_lua_block {
                for name in pairs(ngx.req.get_headers()) do
                    ngx.req.clear_header(name)
                end
            }
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /late {
            access_by_lua_block { ngx.location.capture("/page") }
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /page { return 200 page; }

        location /body {
            rewrite_by_lua_block {
                ngx.req.read_body()
                ngx.req.set_body_data("by lua")
            }
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /balanced { proxy_pass http://by_lua; }
    }

    upstream by_lua {
        server 127.0.0.1:1;
        balancer_by_lua_block {
            require("ngx.balancer").set_current_peer("127.0.0.1",
                                                     %%PORT_api%%)
        }
    }
}
CONF

my $plain = <<'CONF';
%%GLOBALS%%
http {
    %%HTTP%%
    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/token;
        client_id gateway;
        client_secret s3cret;
    }
    server {
        listen 127.0.0.1:%%PORT_http%%;
        location / { oauthcc crm; proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
}
CONF

my $theirs = join '', map { "load_module $dir/usr/lib/nginx/modules/$_.so;\n" }
             qw(ndk_http_module ngx_http_lua_module ngx_http_js_module);

# the login as it is without neighbours

$t->run($plain);
is($t->get('/')->status, 200, 'a login without neighbours');
my $login = $idp->last_request;
$t->stop;

my @client = (headers => [ Authorization => 'Bearer of-the-client' ]);

for my $order ('ours first', 'ours last') {
    my $ours = "load_module $t->{module};\n";
    my $load = $order eq 'ours first' ? $ours . $theirs : $theirs . $ours;

    $load .= '%%GLOBALS%%';
    local $t->{module};
    $idp->clear;
    $t->run($config =~ s/LOAD/$load/r, LD_LIBRARY_PATH => $libraries);

    # what the API received, and what else the answer says

    my $sent = sub ($uri, $n = 1, %arg) {
        $api->clear;
        my $r = $t->request($arg{method} // 'GET', $uri, @client,
                            body => $arg{body});
        is($r->status, 200, "$order: $uri");
        my @seen = map { scalar $api->header($_, 'Authorization') }
                   $api->requests;
        my $token = ($idp->tokens)[-1] // 'none';
        is_deeply(\@seen, [ ("Bearer $token") x $n ],
                  "$order: $uri: the API has the token");
        return $r;
    };

    is($sent->('/api/x')->header('X-Lua'), 'Bearer of-the-client',
       "$order: a phase of Lua sees the header of the client");

    my $first = $idp->last_request;
    is($first->{head}, $login->{head}, "$order: the login is the same");
    is($first->{body}, $login->{body}, "$order: and its body");

    is($sent->('/njs')->header('X-Seen'), 'Bearer of-the-client',
       "$order: njs sees the header of the client");
    is($sent->('/filtered')->header('X-Njs'), 'Bearer of-the-client',
       "$order: and so does its filter");
    $sent->('/variable');
    like(scalar $api->header($api->last_request, 'X-Seen'),
         qr/^Bearer (?:of-the-client|\Q@{[ ($idp->tokens)[-1] ]}\E)$/,
         "$order: what is made for the API has no other token");
    is($sent->('/lua', 3)->header('X-Seen'), 'Bearer of-the-client',
       "$order: Lua that has asked three times sees it");
    $sent->($_) for qw(/exec /own /none /late /balanced);
    $sent->('/body', 1, method => 'POST', body => 'of the client');
    is($api->last_request->{body}, 'by lua', "$order: a body of Lua's");

    # a revoked token, with all of them in the way

    is($idp->logins, 1, "$order: there was one login");
    my ($old) = map { s/^Bearer //r } grep { /tok-/ }
                map { scalar $api->header($_, 'Authorization') }
                $api->requests;
    $api->answer('/filtered', { status => 401 }, {});
    is($t->get('/filtered', @client)->status, 200,
       "$order: a refused token is replaced");
    is($idp->logins, 2, "$order: by one login");

    # what they have said before the upstream was asked is not lost by that,
    # and their filters see one answer

    my $said = sub ($n, $what) {
        my $r = $t->get('/kept', @client);
        is_deeply([ $r->status, map { [ $r->header($_) ] }
                                qw(X-Kept X-Filtered) ],
                  [ 200, ['kept'], [$n] ], "$order: headers of Lua $what");
    };

    $said->(1, 'at first');
    $api->answer('/kept', { status => 401 }, {});
    $said->(2, 'in a replay');
    is($idp->logins, 3, "$order: which it was");
    $said->(3, 'afterwards');

    $t->stop;
}

my $log = $t->read_file('logs/seen.log');
like($log, qr/"Bearer of-the-client"/, 'logs have the header of the client');
unlike($log, qr/tok-/, 'and never the token');

$t->done;
