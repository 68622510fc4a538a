#!/usr/bin/perl

# Tests for the variables: they say what happened to this request, at the moment
# they are read.  One that is remembered too early, or shared by two requests,
# sends an empty or a foreign token.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    log_format vars '$uri|$oauthcc_provider|$oauthcc_cache_status|'
                    '$oauthcc_expires_in|$oauthcc_login_time|$oauthcc_error|'
                    '$oauthcc_access_token';

    map $oauthcc_cache_status $mapped { volatile; default "<$oauthcc_cache_status>"; }

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider bad {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/bad;
        client_id gateway;
        client_secret s3cret;
        backoff 60s 60s;
    }

    oauthcc_provider quoted {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/quoted;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider early {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/early;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider slow {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/slow;
        client_id gateway;
        client_secret s3cret;
    }

    map $arg_p $by_arg { default $arg_p; }

    server {
        listen 127.0.0.1:%%PORT_http%%;

        # not under logs/: it holds tokens
        access_log %%PREFIX%%/vars.log vars;

        proxy_set_header X-Token $oauthcc_access_token;
        proxy_set_header X-Provider $oauthcc_provider;
        proxy_set_header X-Status $oauthcc_cache_status;
        proxy_set_header X-Expires $oauthcc_expires_in;
        proxy_set_header X-Login $oauthcc_login_time;
        proxy_set_header X-Error $oauthcc_error;
        proxy_set_header X-Mapped $mapped;

        location /crm { oauthcc crm; proxy_pass http://api; }
        location /bad { oauthcc bad; proxy_pass http://api; }
        location /bad/optional { oauthcc bad optional; proxy_pass http://api; }
        location /quoted { oauthcc quoted optional; proxy_pass http://api; }
        location /slow { oauthcc slow; proxy_pass http://api; }
        location /none { proxy_pass http://api; }
        location /var { oauthcc $by_arg; proxy_pass http://api; }

        location /early {
            oauthcc early;
            set $token "[$oauthcc_access_token]";
            set $again "[$mapped]";
            proxy_set_header X-Token $oauthcc_access_token;
            proxy_set_header X-Set "$token$again";
            proxy_set_header X-Mapped $mapped;
            add_header X-After "$oauthcc_access_token $oauthcc_provider";
            if ($oauthcc_access_token) { return 418; }
            proxy_pass http://api;
        }

        location /return { oauthcc crm; return 200 "[$oauthcc_access_token]"; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

my @names = qw(Provider Status Expires Login Error Token);

# what the upstream saw, and what the log says
my $seen = sub ($r) { return join '|', map { join ',', $r->seen("X-$_") }
                                       @names };
my $logged = sub {
    my $line;
    state $n = 0;
    $n++;
    $t->wait_for(sub { $n == (my @l = split /\n/, $t->read_file('vars.log'));
                       });
    return (split /\n/, $t->read_file('vars.log'))[-1];
};

my $r = $t->get('/crm');
my ($token) = $idp->tokens;

like($seen->($r), qr/^crm\|MISS\|3[56]\d\d\|0\.\d{3}\|\|$token$/, 'MISS');
like($logged->(), qr{^/crm\|crm\|MISS\|3[56]\d\d\|0\.\d{3}\|-?\|$token$},
     'in the log');
is_deeply([ $r->seen('X-Mapped') ], [ '<MISS>' ], 'in a map');

# in either worker
for (1 .. 4) {
    $r = $t->get('/crm');
    like($seen->($r), qr/^crm\|HIT\|3[56]\d\d\|0\.\d{3}\|\|$token$/, 'HIT');
    like($logged->(), qr{^/crm\|crm\|HIT\|}, 'in the log');
}

$r = $t->get('/none');
is($seen->($r), '|||||', 'nothing without oauthcc');
like($logged->(), qr/^\/none(?:\|-?){6}$/, 'nor in the log');

$r = $t->get('/var?p=off');
like($seen->($r), qr/^\|(?:BYPASS)?\|\|\|\|$/, 'off');
$logged->();

####  a failed login

$idp->answer('/bad', { status => 400, body => '{"error":"invalid_scope"}' });

is($t->get('/bad')->status, 502, 'a failed login');
like($logged->(), qr{^/bad\|bad\|ERROR\|-?\|-?\|[^|]*invalid_scope[^|]*\|-?$},
     'ERROR');

$r = $t->get('/bad/optional');
like($seen->($r), qr/^bad\|ERROR\|\|\|[^|]*invalid_scope[^|]*\|$/,
     'ERROR at the upstream');

$idp->answer('/quoted', { status => 400, body => '{"error":"a\"b\\\\c\u00e4"}' });

$r = $t->get('/quoted');
is(($r->seen('X-Error'))[0], 'a\x22b\x5Cc\xC3\xA4',
   'what would end a quoted string is escaped');
like($logged->(), qr/a\\x5Cx22b\\x5Cx5Cc/, 'by nginx once more in a log');

####  read before the login

my @r = map { $t->get('/early') } 1 .. 2;
my $early = ($idp->tokens)[-1];

is_deeply([ map { $_->seen('X-Set') } @r ], [ '[][<>]', '[][<>]' ],
          'empty before the login');
is_deeply([ map { $_->seen('X-Token') } @r ], [ $early, $early ],
          'there after it');
is_deeply([ map { $_->seen('X-Mapped') } @r ], [ '<MISS>', '<HIT>' ],
          'and in a map that was read before');
is_deeply([ map { $_->header('X-After') } @r ], [ ("$early early") x 2 ],
          'and in the response');
is($t->get('/return')->body, '[]', 'none where nothing is proxied');

####  WAIT

$idp->answer('/slow', { delay => 0.2 });
my @status = map { $_->seen('X-Status') } $t->concurrent(10, GET => '/slow');
is_deeply([ sort @status ], [ 'MISS', ('WAIT') x 9 ], 'WAIT');

$t->done;
