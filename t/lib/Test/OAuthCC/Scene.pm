package Test::OAuthCC::Scene;

# The gateways of t/tools/chaos: a provider and a location for each way to log in
# and to hand on a token, and the clients for that.
#
#   my $scene = Test::OAuthCC::Scene->new($t, timeout => 5,
#       backoff => [ 0.1, 1 ], interval => 1, store => '127.0.0.1',
#       idp => ..., api => ...);
#   $scene->run;
#   $scene->gateways              two that share the store; the first is $t
#   $scene->reload($gateway)
#   $scene->lanes                 for Load.pm, each with the number of its gateway
#   $scene->names                 of the providers
#   $scene->provider('users')     a hash:
#
#     life      seconds of its tokens
#     answer    of the token endpoint
#     ids       its tokens are of a user or tenant, id=u17 in the URI
#     each      each request has its own login
#     own       its tokens come from no server
#     optional  requests may have no token
#     dpop      its tokens are bound to a key
#     behind    its token endpoint is behind a proxy
#     rotates   the name of its file, which changes
#
#   $scene->rotate('basic')       replaces the file of its secret

use v5.36;

use Test::OAuthCC::Connect;

my $exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';

# users and tenants: most requests are of a few; a hundred others take turns.  If
# there were always new ones, the local entries of a worker would grow in number,
# and so its memory, until there are as many as it keeps, which takes a day.
sub id ($n) { return $n % 4 ? $n % 5 : 100 + int($n / 20) % 100 }

# what stands in the tokens of callers, and in no log
my $caller = 'c4ller-s3cret';

my $small = 'x' x 2000;
my $large = join '', map { chr(($_ * 7) % 256) } 1 .. 40_000;


sub bodies ($class) { return '', $small, $large }


sub new ($class, $t, %arg) {
    my $self = bless { t => $t, %arg, turns => {} }, $class;
    my $other = Test::OAuthCC->new;

    $self->{gateways} = [ $t, $other ];
    $other->{ports}{$_} = $t->port($_) for qw(idp api store front connect);

    $t->openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 "
                . "-out $_.pem") for qw(dpop signed0 signed1);
    $t->certificate('front');

    my $key = $t->openssl('rand -base64 48');
    $t->secret($caller, 's3cret-of-all', 's3cret-of-basic-0',
               $key =~ s/\s+\z//r);

    $self->write(@$_) for [ 'basic.secret', "s3cret-of-basic-0\n" ],
        [ 'form.json', document('form', 'true') ],
        [ 'each.json', document('each', 0) ], [ 'oauthcc.key', $key ],
        [ 'signed.pem', $t->read_file('signed0.pem') ],
        map { [ $_, $t->read_file($_) ] } qw(dpop.pem front.crt);

    # TLS in front of the token endpoint, by an nginx that nothing is done to
    my $front = $self->{front} = Test::OAuthCC->new(workers => 1,
                                                    module => '');
    $front->{ports}{$_} = $t->port($_) for qw(idp front);
    $front->run(<<"CONF");
%%GLOBALS%%
http {
    %%HTTP%%
    access_log off;
    proxy_http_version 1.0;
    server {
        listen 127.0.0.1:%%PORT_front%% ssl;
        ssl_certificate @{[ $t->prefix ]}/front.crt;
        ssl_certificate_key @{[ $t->prefix ]}/front.key;
        location / { proxy_pass http://127.0.0.1:%%PORT_idp%%; }
    }
}
CONF

    $t->daemon(Connect => 'connect')->set('idp.test:80',
                                          to => $t->port('idp'));

    $self->{providers} = $self->table;
    $self->{idp}->answer("~^/$_\\b", $self->{providers}{$_}{answer})
        for $self->names;
    $self->{idp}->answer('/.well-known/oauth-authorization-server/found',
        { body => JSON::PP::encode_json({ issuer => $t->fill(
            'http://127.0.0.1:%%PORT_idp%%/found'), token_endpoint => $t->fill(
            'http://127.0.0.1:%%PORT_idp%%/found/token') }) });
    $self->{idp}->only('/basic', 's3cret-of-basic-0');

    return $self;
}


# a file of each gateway
sub write ($self, $name, $text) {
    $_->write_file($name, $text) for $self->gateways;
}


sub document ($name, $expires) {
    my $end = $expires eq 'true'
              ? '{ "response": "expires_in", "relative": true }' : $expires;

    return <<"JSON";
{
    "api": { "authentication": {
        "type": "login", "format": "json",
        "loginRequest": {
            "endpoint": "http://127.0.0.1:%%PORT_idp%%/$name",
            "method": "FORM",
            "params": { "client_id": { "attr": "id" },
                        "client_secret": { "attr": "#secret" } }
        },
        "apiRequest": { "headers": { "Authorization": {
            "function": "concat",
            "args": [ "Bearer ", { "response": "access_token" } ] } } },
        "expires": $end
    } },
    "config": { "id": "gateway", "#secret": "s3cret-of-all" }
}
JSON
}


sub table ($self) {
    my $secret = 'client_id gateway; client_secret s3cret-of-all;';
    my $at = sub ($path) {
        return "token_endpoint http://127.0.0.1:%%PORT_idp%%/$path;";
    };
    my $key = 'client_id gateway; auth_method private_key_jwt; '
              . 'assertion_key signed.pem;';

    my %p = (
        basic => { life => 2, rotates => 'basic', conf => $at->('basic')
            . 'client_id gateway; client_secret file:basic.secret;' },
        post => { life => 3, conf => $at->('post') . $secret
            . 'auth_method client_secret_post; keep_warm on;' },
        bound => { life => 4, dpop => 1, conf => $at->('bound') . $secret
            . 'dpop on; store off;' },
        keyed => { life => 3, dpop => 1, conf => $at->('keyed') . $secret
            . 'dpop on; dpop_key dpop.pem;' },
        users => { life => 4, ids => 1, conf => $at->('users') . $secret
            . "grant_type $exchange; max_logins 8;",
            args => 'subject_token=$oauthcc_incoming_token',
            headers => sub ($n) {
                [ Authorization => 'Bearer ' . "$caller-u" . id($n) ] } },
        tenants => { life => 3, ids => 1, conf => $at->('tenants') . $secret,
            args => '"scope=read" param:tenant=$arg_id' },
        vary => { life => 3, ids => 1, conf => $at->('vary/$arg_id') . $secret
                  . 'max_logins 4;' },
        form => { life => 3, conf => 'login_json form.json;' },
        each => { life => 5, each => 1, conf => 'login_json each.json;' },
        found => { life => 3, conf => $secret
            . 'issuer http://127.0.0.1:%%PORT_idp%%/found;' },
        signed => { life => 3, rotates => 'signed',
            conf => $at->('signed') . $key },
        grant => { life => 3, rotates => 'signed', conf => $at->('grant')
            . 'assertion_use grant; assertion_key signed.pem;
               assertion_issuer gateway;' },
        own => { life => 10, own => 1, conf => 'client_id gateway;
            assertion_use token; assertion_key signed.pem;
            assertion_audience api; assertion_lifetime 10s;' },
        query => { life => 3, conf => $at->('query') . $secret,
            location => 'oauthcc_query access_token $oauthcc_access_token;' },
        maybe => { life => 2, optional => 1, args => 'optional',
            conf => $at->('maybe') . $secret },
        tls => { life => 4, behind => 1, conf => $secret
            . 'token_endpoint https://127.0.0.1:%%PORT_front%%/tls;
               proxy_ssl_trusted_certificate front.crt;' },
        via => { life => 4, behind => 1, conf => $secret . 'allow_http on;
            token_endpoint http://idp.test/via;
            forward_proxy http://127.0.0.1:%%PORT_connect%%;' },
    );

    for my $name (keys %p) {
        my $provider = $p{$name};
        my %json = (expires_in => $provider->{life},
                    $provider->{dpop} ? (token_type => 'DPoP') : ());
        $provider->{answer} = { json => \%json, delay => 0.03 };
    }

    return \%p;
}


sub names ($self) { return sort keys %{ $self->{providers} } }


sub provider ($self, $name) { return $self->{providers}{$name} }


sub gateways ($self) { return @{ $self->{gateways} } }


sub run ($self) {
    for my $n (0, 1) {
        my $gateway = $self->{gateways}[$n];

        $gateway->allow_alert(qr/exited on signal 9/);
        $gateway->run($self->config($n));
    }
}


# true when only new workers are there
sub reload ($self, $gateway) {
    return $gateway->reload($gateway->read_file('nginx.conf') . "# again\n");
}


sub config ($self, $n) {
    my $prefix = $self->{gateways}[$n]->prefix;
    my $backoff = join ' ', map { 1000 * $_ . 'ms' } @{ $self->{backoff} };

    my $providers = join "\n", map { <<"CONF" } $self->names;
    oauthcc_provider $_ {
        $self->{providers}{$_}{conf}
        timeout $self->{timeout}s;
        replay_interval $self->{interval}s;
        proxy_set_header X-Sent \$msec;
        proxy_set_header X-Gateway $n;
        backoff $backoff;
    }
CONF

    my $locations = join "\n", map { <<"CONF" } $self->names;
        location /$_ {
            oauthcc $_ @{[ $self->{providers}{$_}{args} // '' ]};
            @{[ $self->{providers}{$_}{location} // '' ]}
            proxy_pass http://api;
        }
CONF

    return <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%
    keepalive_requests 200;
    keepalive_timeout 1h;
    client_body_buffer_size 64k;
    proxy_cache_path $prefix/cache keys_zone=pages:1m inactive=1m;
    oauthcc_zone 512k;
    oauthcc_store {
        server redis://$self->{store}:%%PORT_store%%;
        key $prefix/oauthcc.key;
    }
$providers
    server {
        listen 127.0.0.1:%%PORT_http%%;
        listen 127.0.0.1:%%PORT_http2%% http2;
        add_header X-Worker \$pid always;
        proxy_set_header X-Sent \$msec;
        proxy_set_header X-Gateway $n;
$locations
        location /cached {
            oauthcc basic;
            proxy_cache pages;
            proxy_cache_valid 200 1s;
            proxy_cache_use_stale error updating http_503;
            proxy_pass http://api;
        }
        location /streamed {
            oauthcc post;
            proxy_request_buffering off;
            proxy_http_version 1.1;
            proxy_pass http://api;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_status%%;
        location / { oauthcc_status control; }
        location /ready { oauthcc_ready; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF
}


# the provider of a location
my %location = (cached => 'basic', streamed => 'post');

sub provider_of ($class, $uri) {
    my ($name) = $uri =~ m{^/(\w+)};
    return $location{$name} // $name;
}


sub lanes ($self) {
    return map { $self->lanes_of($_) } 0 .. ($self->{fleet} ? 1 : 0);
}


# the other gateway has fewer clients, or, without "fleet", none
sub lanes_of ($self, $n) {
    my $t = $self->{gateways}[$n];
    my @h1 = (port => $t->port('http'), gateway => $n);
    my @h2 = (port => $t->port('http2'), gateway => $n, http => 2);
    my $many = $n ? 1 : 3;
    my @post = (method => 'POST', body => $small);

    my @lanes = map {
        my $name = $_;
        my $provider = $self->provider($name);
        my $uri = $provider->{ids}
                  ? sub ($n) { return "/$name?id=u" . id($n) } : "/$name";
        my $headers = $provider->{headers};
        my @both = (uri => $uri, headers => $headers);

        $provider->{each} ? { @h1, @both, clients => 1 }
        : ({ @h1, @both, clients => $many },
           { @h1, @both, @post, clients => $many },
           { @h1, @both, clients => 1, close => 1 },
           { @h1, @both, clients => 1, leave => 0.3 },
           { @h1, @both, clients => 1, method => 'POST', body => $large },
           $headers ? () : ({ @h2, uri => $uri, clients => $many },
                            { @h2, uri => $uri, @post, clients => $many }))
    } $self->names;

    return @lanes,
           { @h1, clients => 2, uri => sub ($n) { '/cached?n=' . $n % 7 } },
           { @h1, clients => 2, uri => '/streamed', method => 'POST',
             body => $small };
}


# puts another secret or key in the place of one; true when that is done
sub rotate ($self, $name) {
    my $t = $self->{t};
    my $n = ++$self->{turns}{$name};

    if ($name eq 'basic') {
        my ($old, $new) = map { "s3cret-of-basic-$_" } $n - 1, $n;

        # docs/operations.md: both are good for a while
        $t->secret($new);
        $self->{idp}->only('/basic', $old, $new);
        $self->write('basic.secret', "$new\n");
        $self->{idp}->only('/basic', $new);

    } elsif ($name eq 'signed') {
        $self->write('signed.pem', $t->read_file('signed' . $n % 2
                                                 . '.pem'));
    }
}


sub stop ($self) { $self->{front}->stop }


1;
