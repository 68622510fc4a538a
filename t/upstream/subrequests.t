#!/usr/bin/perl

# Tests for subrequests and redirects between two providers: nginx shares its
# variables and headers among them, and no upstream may ever see the token that
# was meant for another.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my %api = map { $_ => $t->upstream("api_$_") } qw(a b);

my $locations = join "\n", map { <<"CONF" } qw(a b);
        location /$_/ {
            oauthcc $_;
            proxy_set_header X-Token "$_-\$oauthcc_access_token";
            proxy_set_header X-Provider \$oauthcc_provider;
            proxy_set_header X-Mapped \$mapped;
            proxy_set_header X-Provider-Mapped \$provider_mapped;
            proxy_set_header X-Mapped-Twice \$mapped_twice;
            proxy_pass http://127.0.0.1:%%PORT_api_$_%%;
            add_header X-Provider "\$oauthcc_provider" always;
            ssi on;
            ssi_types text/plain;
        }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%

    map \$oauthcc_access_token \$mapped { default \$oauthcc_access_token; }
    map \$oauthcc_provider \$provider_mapped { default "<\$oauthcc_provider>"; }
    map \$provider_mapped \$mapped_twice { default "<\$provider_mapped>"; }

    oauthcc_provider a {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/a;
        client_id a;
        client_secret s3cret;
    }

    oauthcc_provider b {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/b;
        client_id b;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
$locations
        location /redirect/ {
            oauthcc a;
            proxy_set_header X-Token "a-\$oauthcc_access_token";
            proxy_set_header X-Provider \$oauthcc_provider;
            proxy_pass http://127.0.0.1:%%PORT_api_a%%;
            proxy_intercept_errors on;
            error_page 404 = /b/error;
            error_page 503 = \@b;
        }

        location /refused/ {
            oauthcc a;
            proxy_set_header X-Token "a-\$oauthcc_access_token";
            proxy_pass http://127.0.0.1:%%PORT_dead%%;
            error_page 502 = \@b;
        }

        location \@b {
            oauthcc b;
            proxy_set_header X-Token "b-\$oauthcc_access_token";
            proxy_set_header X-Provider \$oauthcc_provider;
            proxy_pass http://127.0.0.1:%%PORT_api_b%%;
        }

        location /file/ { ssi on; ssi_types *; root %%PREFIX%%/html; }
    }
}
CONF

my $include = sub (@uris) {
    my $wait = $uris[0] eq 'wait' && shift @uris ? ' wait="yes"' : '';
    return join '', map { qq(<!--# include virtual="$_"$wait -->) } @uris;
};

####  subrequests

$api{a}->answer('/a/page', { body => $include->('/b/x', '/a/x', '/b/y') });
$api{b}->answer('/b/page', { body => $include->('/a/x', '/b/x') });
$api{a}->answer('/a/wait', { body => $include->('wait', '/b/x', '/a/x') });
$t->write_file('html/file/page', $include->('/a/x', '/b/x'));

$t->get("/$_/warm") for qw(a b);

my %token = map { $api{$_}->last_request->{headers}
                      && ($_ => ($api{$_}->header($api{$_}->last_request,
                                 'Authorization'))[0] =~ s/^Bearer //r) }
            qw(a b);

for my $round ('cold', 'warm') {
    for my $uri ('/a/page', '/b/page', '/a/wait', '/file/page') {
        is($t->get($uri, headers => [ Authorization => 'Basic eDp5' ])
             ->status, 200, "$round: $uri");
    }
}

####  many of them at once

is(Test::OAuthCC::tally($t->concurrent(50, GET => '/a/page')), '200 x 50',
   'fifty pages at once');

####  redirects

$api{a}->answer('/redirect/404', { status => 404 });
$api{a}->answer('/redirect/503', { status => 503 });

for my $uri ('/redirect/404', '/redirect/503', '/refused/x') {
    my $r = $t->get($uri);
    is_deeply([ $r->seen('Authorization'), $r->seen('X-Token') ],
              [ "Bearer $token{b}", "b-$token{b}" ], $uri);
}

####  what each upstream saw, of all that

for my $name (qw(a b)) {
    my @bad = grep {
        my $request = $_;
        my $seen = sub ($header) {
            join ',', $api{$name}->header($request, $header);
        };

        $seen->('Authorization') ne "Bearer $token{$name}"
            || $seen->('X-Token') ne "$name-$token{$name}"
            || $seen->('X-Provider') !~ /^$name?$/
            || $seen->('X-Mapped') !~ /^(?:$token{$name})?$/
            || $seen->('X-Provider-Mapped') !~ /^(?:<$name>)?$/
            || $seen->('X-Mapped-Twice') !~ /^(?:<<$name>>)?$/
    } $api{$name}->requests;

    is(scalar @bad, 0, "upstream $name saw its own token only")
        or diag $bad[0]{head};
    cmp_ok($api{$name}->count, '>', 50, 'in many requests');
}

is($idp->logins, 2, 'two logins');

$t->done;
