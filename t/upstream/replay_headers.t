#!/usr/bin/perl

# Tests that FastCGI, uwsgi and SCGI get each header once, however often the
# client sent it, however often the request is sent, and whichever location had
# it before: nginx (1.23.0 or newer) joins those of one name.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my @protocols = qw(fastcgi uwsgi scgi);
my %api = map { $_ => $t->daemon(Guard => $_, protocol => $_) } @protocols;

my $locations = join "\n", map {
    my ($protocol, $pass) = ($_, "${_}_pass 127.0.0.1:%%PORT_$_%%;");
    my $given = join "\n", map { "${protocol}_param $_;" }
        'REQUEST_METHOD $request_method', 'REQUEST_URI $request_uri',
        'CONTENT_LENGTH $content_length';

    <<"CONF" } @protocols;
        location /$protocol {
            $given
            ${protocol}_intercept_errors on;
            error_page 404 = \@plain_$protocol;
            error_page 410 = \@ours_$protocol;
            oauthcc crm;
            $pass

            location /$protocol/twice {
                oauthcc_header X-Twice 1;
                oauthcc_header X-Twice 2;
                oauthcc_header Authorization "Bearer \$oauthcc_access_token";
                error_page 404 = \@plain_$protocol;
                $pass
            }

            location /$protocol/plain {
                oauthcc off;
                error_page 410 = \@ours_$protocol;
                $pass
            }
        }

        location \@plain_$protocol { $given oauthcc off; $pass }
        location \@ours_$protocol { $given oauthcc crm; $pass }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
        replay_interval 1ms;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        underscores_in_headers on;
$locations
    }
}
CONF

# the client's: several of one name, known to nginx and not

my @twice = ('X-Forwarded-For' => '192.0.2.1', X => 1, Cookie => 'a=1',
             'X-Forwarded-For' => '192.0.2.2', x => 2, Cookie => 'b=2',
             X => 3, 'X-Twice' => 'theirs', 'X_Twice' => 'theirs');

my @theirs = (Authorization => 'Basic eA==');

# nginx without links sends as many as there were, in the order they came

my $joined = do {
    $t->get('/fastcgi/plain', headers => \@twice);
    1 == grep { $_->[0] eq 'HTTP_X' } @{ $api{fastcgi}->last_request->{headers} };
};

sub headers ($request) {
    my %values;
    push @{ $values{ $_->[0] } }, $_->[1] for @{ $request->{headers} };

    return join ' | ', map { "$_=" . join '+', @{ $values{$_} // ['none'] } }
           qw(HTTP_X_FORWARDED_FOR HTTP_X HTTP_COOKIE HTTP_X_TWICE
              HTTP_AUTHORIZATION);
}


# what has to arrive: several values of X-Twice and Authorization, or none

sub expected ($twice, $authorization) {
    my $join = sub ($with, @values) {
        return join $joined ? $with : '+', @values };

    return join ' | ',
        'HTTP_X_FORWARDED_FOR=' . $join->(', ', '192.0.2.1', '192.0.2.2'),
        'HTTP_X=' . $join->(', ', 1 .. 3),
        'HTTP_COOKIE=' . $join->('; ', 'a=1', 'b=2'),
        'HTTP_X_TWICE=' . $join->(', ', @$twice),
        'HTTP_AUTHORIZATION=' . $join->(', ', @$authorization);
}


for my $protocol (@protocols) {
    my $api = $api{$protocol};

    for my $theirs ([], \@theirs) {
        for my $path ('', '/twice') {

            my $uri = "/$protocol$path";
            my $what = $uri . (@$theirs ? ', with theirs' : '');
            my @headers = (headers => [ @twice[0, 1], @$theirs, @twice[2 .. 13],
                                        $path ? @twice[14 .. 17] : () ]);

            is($t->get($uri, @headers)->status, 200, "$what: 200");

            $api->revoke($idp->tokens);
            $api->clear;
            my ($old) = ($idp->tokens)[-1];

            is($t->get($uri, @headers)->status, 200, "$what: a replay");

            my ($new) = ($idp->tokens)[-1];
            my @requests = $api->requests;
            my @twice = $path ? (1, 2) : ('none');

            is(headers($requests[0]), expected(\@twice, [ "Bearer $old" ]),
               "$what: the first time");
            is(headers($requests[1]), expected(\@twice, [ "Bearer $new" ]),
               "$what: and the second time");
            is(@requests, 2, "$what: two requests");
        }

        # one location after the other: ours does not link for theirs

        my $what = $protocol . (@$theirs ? ', with theirs' : '');
        my @headers = (headers => [ @twice[0 .. 3], @$theirs, @twice[4 .. 13] ]);
        my ($token) = ($idp->tokens)[-1];
        my @own = @$theirs ? $theirs->[1] : 'none';

        $api->answer("/$protocol/gone", { status => 404 }, {});
        $api->clear;
        is($t->get("/$protocol/gone", @headers)->status, 200,
           "$what: an error page without oauthcc");
        is(headers(($api->requests)[0]), expected(['none'], ["Bearer $token"]),
           "$what: ours");
        is(headers(($api->requests)[1]), expected(['none'], \@own),
           "$what: then theirs");

        $api->answer("/$protocol/plain", { status => 410 }, {});
        $api->clear;
        is($t->get("/$protocol/plain", @headers)->status, 200,
           "$what: an error page with oauthcc");
        is(headers(($api->requests)[0]), expected(['none'], \@own),
           "$what: theirs");
        is(headers(($api->requests)[1]), expected(['none'], ["Bearer $token"]),
           "$what: then ours");

        $api->answer("/$protocol/gone", {});
        $api->answer("/$protocol/plain", {});
    }
}

$t->done;
