#!/usr/bin/perl

# Tests for how long a token is used that its server says odd things of: that
# it has ended, which some mean and others do not; nothing, while the token
# itself says it; or the point of time in place of seconds.  A life that is too
# long sends a dead token, one that is too short is a login for each request.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use MIME::Base64 ();
use POSIX qw(strftime setlocale LC_TIME);
use Test::More;
use Test::OAuthCC;
use Time::HiRes qw(time);

setlocale(LC_TIME, 'C');

my $date = sub ($time) {
    return [ Date => strftime('%a, %d %b %Y %T GMT', gmtime $time) ];
};

my $jwt = sub (%payload) {
    return join '.', map { MIME::Base64::encode_base64url($_) }
                         '{"alg":"none"}', JSON::PP->new->encode(\%payload),
                         'signature';
};

my $now = int time;
my $past = $now - 86400;

# name, members of the response, Date, the life

my @cases = (
    [ jwt => { access_token => $jwt->(exp => $now + 3600) }, $now, 3600 ],
    [ jwt_clock => { access_token => $jwt->(exp => $past + 600) }, $past,
      600 ],
    [ jwt_no_date => { access_token => $jwt->(exp => $past + 60,
                                              iat => $past) }, undef, 60 ],
    [ jwt_bad_date => { access_token => $jwt->(exp => $past + 60,
                                               iat => $past) }, 'x', 60 ],
    [ jwt_no_iat => { access_token => $jwt->(exp => $now + 60) }, undef,
      60 ],
    [ jwt_no_exp => { access_token => $jwt->(iat => $now) }, $now, 300 ],
    [ jwt_and_expires => { access_token => $jwt->(exp => $now + 60),
                           expires_in => 900 }, $now, 900 ],
    [ jwt_and_nonsense => { access_token => $jwt->(exp => $now + 60),
                            expires_in => 'soon' }, $now, 60 ],
    [ opaque => { access_token => 'a.b.c' }, $now, 300 ],
    [ stamp => { expires_in => $now + 1200 }, $now, 1200 ],
    [ stamp_text => { expires_in => '' . ($now + 1200) }, $now, 1200 ],
    [ stamp_ms => { expires_in => ($now + 1200) * 1000 }, $now, 1200 ],
    [ stamp_clock => { expires_in => $past + 1200 }, $past, 1200 ],
    [ stamp_no_date => { expires_in => $now + 1200 }, undef, 1200 ],
);

my @again = qw(zero text negative fraction jwt_past stamp_past);

my $t = Test::OAuthCC->new(workers => 2);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->secret('s3cret-s3cret', map { $_->[1]{access_token} // () } @cases);

my $providers = join "\n", map { <<"CONF" } (map { $_->[0] } @cases), @again,
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret-s3cret;
    }
CONF
    qw(shortest document);

$providers =~ s/(token_endpoint \S*\/zero;)/$1 default_expires 3s;/;

# expires_in of a login_json document is the same
$t->write_file('document.json', JSON::PP->new->encode({
    authentication => { type => 'login',
        loginRequest => { endpoint => "http://127.0.0.1:%%PORT_idp%%/document",
                          method => 'FORM' },
        apiRequest => { headers => { 'X-Token' => 'access_token' } } } }));
$providers =~ s/token_endpoint \S*\/document;\s+client_id.*?;\s+client_secret.*?;
               /login_json document.json;/sx;

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    add_header X-Expires \$oauthcc_expires_in always;
    %%SERVER%%
}
CONF

my $answer = sub ($name, $json, $time) {
    $idp->answer("/$name", { json => { expires_in => undef, %$json },
        headers => !defined $time ? []
                   : $time eq 'x' ? [ Date => 'yesterday' ]
                                  : $date->($time) });
};

for my $case (@cases) {
    my ($name, $json, $time, $life) = @$case;

    $answer->($name, $json, $time);
    my $r = $t->get("/$name");

    is($r->status, 200, "$name: used");
    cmp_ok(abs($r->header('X-Expires') - $life), '<=', 5, "$name: its life")
        or diag($r->header('X-Expires'));
}

$answer->('document', { access_token => $jwt->(exp => $past + 600) }, $past);
my $r = $t->get('/document');
cmp_ok(abs($r->header('X-Expires') - 600), '<=', 5, 'of a document too');


####  a token that has ended: 1 s, then twice that

my %ended = (
    zero => { expires_in => 0 },
    text => { expires_in => '0' },
    negative => { expires_in => -3600 },
    fraction => { expires_in => 0.02 },
    jwt_past => { access_token => $jwt->(exp => $now - 5) },
    stamp_past => { expires_in => $now - 5 },
);

$answer->($_, $ended{$_}, $now) for @again;
$answer->('shortest', { expires_in => 1 }, $now);

my $start = time;
my (%expires, %bad);

# of ten seconds: logins at 0, 1, 3, 7, and with default_expires 3s at 9

while (time - $start < 10) {
    for my $name (@again, 'shortest') {
        my $r = $t->get("/$name");
        $bad{$name}++ unless $r->status == 200;
        $expires{$name}{$r->header('X-Expires')} = 1;
    }
}

my %times;

for my $request ($idp->requests) {
    push @{ $times{ $request->{uri} =~ s{^/}{}r } }, $request->{time};
}

for my $name (@again) {
    my @at = @{ $times{$name} };
    my @gaps = map { $at[$_] - $at[$_ - 1] } 1 .. $#at;

    is($bad{$name} // 0, 0, "$name: no request has failed");
    cmp_ok(@at, '>=', 4, "$name: logins");
    cmp_ok(@at, '<=', $name eq 'zero' ? 6 : 4, "$name: few");
    cmp_ok($gaps[0], '>', 0.99, "$name: a second for the first");
    cmp_ok($gaps[0], '<', 1.5, "$name: not more");
    cmp_ok($gaps[1], '>', 1.5, "$name: twice that for the second");
    cmp_ok($gaps[1], '<', 2.5, "$name: not more");
    cmp_ok($gaps[2], '<', $name eq 'zero' ? 3.5 : 4.5,
           "$name: up to default_expires");
    cmp_ok($gaps[2], '>', $name eq 'zero' ? 2.3 : 3.1, "$name: and so on");
    is($t->log_lines(qr/\[warn\].*has expired, it is used.*"\Q$name\E"/),
       scalar @at, "$name: the log says so");
}

my @at = @{ $times{shortest} };

is($bad{shortest} // 0, 0, 'a life of a second');
cmp_ok(@at, '>=', 8, 'is a login each second');
cmp_ok(@at, '<=', 11, 'not more');


####  a life in between begins anew

$answer->('text', { expires_in => 1 }, $now);
ok($t->wait_for(sub { $t->get('/text')->header('X-Expires') < 1
                      && $idp->requests > 0 }, 10), 'a token with an end');

my $count = sub { scalar grep { $_->{uri} eq '/text' } $idp->requests };
my $before = $count->();

ok($t->wait_for(sub { $t->get('/text'); $count->() > $before }, 10),
   'it ends');
$answer->('text', { expires_in => 0 }, $now);
$before = $count->();
ok($t->wait_for(sub { $t->get('/text'); $count->() > $before }, 10),
   'then one that has ended');
like(($t->log_lines(qr/has expired, it is used for.*"text"/))[-1],
     qr/for 1000 ms/, 'is used for a second again');

$t->done;
