#!/usr/bin/perl

# Tests that the module, which shares one name space with all other modules,
# exports nothing but what nginx looks up in it.

use v5.36;
use Test::More;

my $module = $ENV{TEST_NGINX_MODULE}
    or plan skip_all => 'the module is built in';

my @exported = map { /^\S* *[A-TV-Z] (\w+)/ ? $1 : () }
               `nm -D --defined-only '$module'`;

is($?, 0, 'nm reads it');
is_deeply([ sort @exported ],
          [ qw(ngx_module_names ngx_module_order ngx_modules) ],
          'what it exports');

done_testing();
