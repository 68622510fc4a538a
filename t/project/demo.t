#!/usr/bin/perl

# Tests what "make demo" shows to those who see the module for the first time:
# it ends by itself, and its figures are right.

use v5.36;
use FindBin;

use Test::More;

my $out = `"$FindBin::Bin/../tools/demo" 2>&1 </dev/null`;

is($?, 0, 'it ends') or diag $out;
like($out, qr/all 50 were answered, after 1 login /, 'one login for all');
like($out, qr/the\s+slowest took (?:[3-9]\d\d|\d{4,}) ms/, 'who waits for it');
like($out, qr/all 1000 were answered; half of them took less than [\d.]+ ms/,
     'and who does not');
like($out, qr{the API received\n\n    GET /orders/1000
    Authorization: Bearer [0-9a-f]{32}\n\n}, 'what the API received');
like($out, qr/1050 requests, 1 login\.\n\z/, 'the sum');

done_testing();
