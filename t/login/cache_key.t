#!/usr/bin/perl

# Tests which changes of a provider's block are another login, and which are
# not: its token is that of the block as it is written.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->write_file($_, 's3cret') for qw(one two);

# the block at first; what is changed in $_; whether that is another login

my @cases = (
    [ '', sub { }, 0 ],
    [ '', sub { s/client_id gateway;/client_id another;/ }, 1 ],
    [ '', sub { s/client_secret s3cret;/client_secret s3cret2;/ }, 1 ],
    [ '', sub { s/(client_id \w+;)(\s+)(client_secret \w+;)/$3$2$1/ }, 0 ],
    [ '', sub { s/crm-t/crm-u/ }, 1 ],
    [ '', sub { s/s3cret/file:two/ }, 1 ],
    [ 'scope a; audience b;', sub { s/(scope a;) (audience b;)/$2 $1/ }, 0 ],
    [ 'scope a;', sub { s/scope a;// }, 1 ],
    [ 'scope "a b";', sub { s/scope "a b"/scope "b a"/ }, 1 ],
    [ 'audience a;', sub { s/audience a/audience file:one/ }, 1 ],
    [ 'audience file:one;', sub { s/file:one/file:two/ }, 1 ],
    [ 'resource urn:a; resource urn:b;', sub { s/urn:b/urn:c/ }, 1 ],
    [ 'resource urn:a; resource urn:b;',
      sub { s/(resource \S+) (resource \S+)/$2 $1/ }, 1 ],
    [ 'param a b; param c d;', sub { s/a b/a d/ }, 1 ],
    [ 'param a b;', sub { s/param a b/header a b/ }, 1 ],
    [ 'header a b;', sub { s/a b/a ""/ }, 1 ],
    [ 'basic_encoding raw;', sub { s/raw/rfc6749/ }, 1 ],
    [ 'auth_method client_secret_post;', sub { s/_post/_basic/ }, 1 ],
    [ 'grant_type x;', sub { s/type x/type y/ }, 1 ],
    [ 'token_type x;', sub { s/type x/type Bearer/ }, 1 ],

    # of nginx

    [ 'proxy_ssl_verify on;', sub { s/on;/off;/ }, 1 ],
    [ 'proxy_ssl_name a;', sub { s/name a/name b/ }, 1 ],
    [ 'proxy_set_header X a;', sub { s/X a/X b/ }, 1 ],
    [ 'proxy_bind 127.0.0.1;', sub { s/proxy_bind.*?;// }, 1 ],
    [ 'proxy_read_timeout 9s;', sub { s/9s/8s/ }, 0 ],
    [ 'proxy_http_version 1.0;', sub { s/1\.0/1.1/ }, 0 ],
    [ 'proxy_buffer_size 8k; proxy_buffers 8 8k;', sub { s/8k/16k/g }, 0 ],
    [ '', sub { s/\}/resolver 127.0.0.1; error_log logs\/x.log; }/ }, 0 ],

    # what is done with its tokens

    [ 'default_expires 5m;', sub { s/5m/6m/ }, 0 ],
    [ 'timeout 10s;', sub { s/10s/9s/ }, 0 ],
    [ 'backoff 1s 60s;', sub { s/backoff 1s 60s;// }, 0 ],
    [ '', sub { s/\}/keep_warm on; allow_http on; max_logins 3; max_waiters 9;
                     wait_timeout 9s; replay_interval 9s; max_response 8k;
                     expiry_margin 4s; refresh_before 50s; }/ }, 0 ],
);

# a provider for each of them

my $config = sub (@blocks) {
    my $n = 0;
    my $locations = join '', map { $n++; "location /$n { oauthcc p$n;
        proxy_pass http://127.0.0.1:%%PORT_api%%; }\n" } @blocks;

    return "%%GLOBALS%%\nhttp { %%HTTP%%\n@blocks\n"
           . "server { listen 127.0.0.1:%%PORT_http%%; $locations } }\n";
};

my (@first, @then);

for my $case (@cases) {
    my ($directives, $change) = @$case;
    my $n = @first + 1;

    local $_ = "{ token_endpoint http://127.0.0.1:%%PORT_idp%%/$n-crm-t;
                  client_id gateway; client_secret s3cret; $directives }";

    push @first, "oauthcc_provider p$n $_\n";
    $change->();
    push @then, "oauthcc_provider p$n $_\n";
}

is(scalar(grep { $first[$_] eq $then[$_] } 0 .. $#first), 1,
   'all but the first have a change');

sub all_of ($what) {
    is_deeply([ grep { $t->get("/$_")->status != 200 } 1 .. @cases ], [],
              $what);

    my %logins;
    $logins{$_->{uri} =~ m{^/(\d+)-} ? $1 : '?'}++ for $idp->requests;
    return \%logins;
}

$t->run($config->(@first));

is_deeply(all_of('tokens'), { map { $_ => 1 } 1 .. @cases }, 'a login each');

ok($t->reload($config->(@then)), 'a reload');

my $logins = all_of('tokens for the changed ones');

for my $n (1 .. @cases) {
    is($logins->{$n}, 1 + $cases[$n - 1][2],
       ($cases[$n - 1][2] ? 'another login' : 'the same login')
       . ": $then[$n - 1]" =~ s/\s+/ /gr);
}

$t->done;
