#!/usr/bin/perl

# Tests for login responses of any size and framing: tokens of many kilobytes
# are common, and an answer that outgrows its buffer once crashed the worker.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

# name, answer, directives, accepted?

my @cases = (
    [ 'small', {}, '', 1 ],
    [ 'close', { framing => 'close' }, '', 1 ],
    [ 'chunked', { framing => 'chunked', pieces => 7 }, '', 1 ],
    [ 'bytes', { pieces => 1, pause => 0.001 }, '', 1 ],
    [ 'k4', { token_length => 4096 }, '', 1 ],
    [ 'k4_chunked', { token_length => 4096, framing => 'chunked' }, '', 1 ],
    [ 'k4_bytes', { token_length => 4096, framing => 'chunked',
                    pieces => 100, pause => 0.001 }, '', 1 ],
    [ 'k16', { token_length => 16384 }, '', 1 ],
    [ 'k16_chunked', { token_length => 16384, framing => 'chunked',
                       pieces => 1000 }, '', 1 ],
    [ 'k16_close', { token_length => 16384, framing => 'close' }, '', 1 ],
    [ 'k20', { token_length => 20000 }, '', 1 ],
    [ 'k64', { token_length => 64 * 1024 }, '', 0 ],
    [ 'k100', { token_length => 100_000 }, '', 0 ],
    [ 'k100_chunked', { token_length => 100_000, framing => 'chunked' }, '',
      0 ],
    [ 'k100_close', { token_length => 100_000, framing => 'close' }, '', 0 ],
    [ 'm1_html', { body => 'x' x 1_000_000 }, '', 0 ],
    [ 'm1_error', { status => 500, body => 'x' x 1_000_000,
                    framing => 'chunked' }, '', 0 ],
    [ 'low_over', { token_length => 1100 }, 'max_response 1k;', 0 ],
    [ 'low_over_chunked', { token_length => 1100, framing => 'chunked' },
      'max_response 1k;', 0 ],
    [ 'low_under', { token_length => 900 }, 'max_response 1k;', 1 ],
    [ 'high', { token_length => 16384, json => { pad => 'x' x 100_000 } },
      'max_response 128k;', 1 ],
    [ 'headers', { headers => [ map { ("X-$_" => 'y' x 100) } 1 .. 25 ] }, '',
      1 ],
    [ 'headers_over', { headers => [ map { ("X-$_" => 'y' x 1000) } 1 .. 90 ],
                      }, '', 0 ],
);

my $providers = join "\n", map { <<"CONF" } @cases;
    oauthcc_provider $_->[0] {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_->[0];
        client_id gateway;
        client_secret s3cret;
        $_->[2]
    }
CONF

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    %%SERVER%%
}
CONF

my @workers = $t->workers;

for my $case (@cases) {
    my ($name, $answer, undef, $accepted) = @$case;

    $idp->answer("/$name", $answer);

    my $r = $t->get("/$name");

    if ($accepted) {
        is_deeply([ $r->seen('Authorization') ],
                  [ 'Bearer ' . ($idp->tokens)[-1] ], $name);

    } else {
        is($r->status, 502, $name);
        is($t->log_lines(qr/\[error\].*login failed.*"\Q$name\E"/), 1,
           "$name: one line");
    }
}

like(join("\n", $t->log_lines(qr/"low_over"/)), qr/max_response/,
     'the line names the directive');

is($idp->logins, @cases, 'one login each');
is($idp->stats->{open}, 0, 'no connection is left');
is_deeply([ $t->workers ], [ @workers ], 'the workers are alive');

$t->done;
