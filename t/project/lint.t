#!/usr/bin/perl

# Tests that the house rules hold, and that t/tools/lint finds what breaks them: each
# rule is broken once, in a copy.

use v5.36;
use FindBin;

use Test::More;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp ();

my $root = abs_path("$FindBin::Bin/../..");
my $lint = "$root/t/tools/lint";

my $all = `$lint 2>&1`;
is($all, '', 'the house rules hold');
is($?, 0, 'with no error') if $all eq '';

my $copy = File::Temp->newdir('oauthcc-lint-XXXXXXXX', TMPDIR => 1);

system("cd '$root' && tar -cf - --exclude=./build --exclude=./.git "
       . "--exclude=./t/idp/node_modules . | tar -C $copy -xf -") == 0
    or BAIL_OUT('no copy');


sub read_file ($path) {
    open my $fh, '<:raw', $path or return;
    local $/;
    return <$fh>;
}


sub write_file ($path, $text) {
    open my $fh, '>:raw', $path or die "$path: $!";
    print $fh $text;
    close $fh;
}

my $last = sub { s/\z/$_[0]\n/ };

# the file, what is done to its text in $_, what is found

my @cases = (
    [ 'CHANGES', sub { s/1\.0\.0/1.0.1/ }, qr/CHANGES:1: .*1\.0\.1.*1\.0\.0/ ],
    [ 'CHANGES', sub { s/\z/x/ }, qr/CHANGES:1: no line end/ ],
    [ 'README.md', sub { s/$/ /m }, qr/README.md:\d+: a blank/ ],
    [ 'README.md', sub { s/  /\t/ }, qr/README.md:\d+: a tab/ ],
    [ 'README.md', sub { s/^/x x/m; s/\n/' x' x 40 . "\n"/e },
      qr/README.md:1: more than 79/ ],
    [ 'docs/directives.md', sub { s/Syntax:   scope/Syntax:   scoop/ },
      qr/directive scope is not described.*directive scoop is not in/s ],
    [ 'docs/directives.md', sub { s/Syntax:   oauthcc_zone/Syntax:   x/;
                      s/Syntax:   oauthcc_replay/Syntax:   oauthcc_zone/;
                      s/Syntax:   x/Syntax:   oauthcc_replay/ },
      qr/directive oauthcc_replay is where .* has oauthcc_zone/ ],
    [ 'docs/variables.md', sub { s/^## \$oauthcc_error$/## \$oauthcc_errors/m },
      qr/variable oauthcc_error is not .*variable oauthcc_errors is not /s ],
    [ 'src/conf/oauthcc_provider_directives.c', sub { s/"scope"(?=\),\s+NGX_)/"range"/ },
      qr/directive range is not described/ ],
    [ 'docs/directives.md', sub { s/Default:   *timeout 10s/Default:  timeout 20s/ },
      qr/directives.md:1: the default is not described: timeout 10s/ ],
    [ 'docs/directives.md', sub { s/Default:   *backoff 500ms 60s/Default:  backoff 1s/ },
      qr/directives.md:1: the default is not described: backoff 500ms 60s/ ],
    [ 'config', sub { s/ notify / / }, qr/notify\.c:1: not in config/ ],
    [ 'config', sub { s/ notify / notify mortify / },
      qr{config:1: src/core/oauthcc_mortify is not there} ],

    [ 'conf-examples/basic.conf', sub { s{/run/}{/w\x6frk/} },
      qr/basic\.conf:\d+: a path of one machine/ ],
    [ 'conf-examples/basic.conf', sub { s{/run/}{/t\x6dp/} },
      qr/basic\.conf:\d+: a path of one machine/ ],
    [ 'conf-examples/basic.conf', sub { s/login\.example/login.exa-mple/ },
      qr/basic\.conf:\d+: a host, login\.exa-mple\.com/ ],
    [ 't/idp/package-lock.json', sub { s/"license"/"res\x6flved"/ },
      qr/lock\.json:\d+: where a package came from/ ],

    [ 't/upstream/proxy_cache.t', sub { s/^# .*\n//gm }, qr/cache\.t:3: no comment/ ],
    [ 't/upstream/proxy_cache.t', sub { $last->("sl\x65ep 1;") }, qr/cache\.t:\d+: a pause/ ],

    [ 'src/core/oauthcc_notify.c', sub { $last->('/* ' . 'x ' x 40 . '*/') },
      qr/notify\.c:\d+: more than 79/ ],
    [ 'src/core/oauthcc_notify.c', sub { $last->('// x') },
      qr/notify\.c:\d+: a comment of C\+\+/ ],
    [ 'src/core/oauthcc_notify.c', sub { s/\n\n\n/\n\n\n\n/ },
      qr/notify\.c:\d+: more than two blank lines/ ],
    [ 'src/core/oauthcc_text.c', sub { s/^    u_char  \*p, /    u_char *p, /m },
      qr/text\.c:\d+: a name that is not below the one before/ ],
    [ 'src/core/oauthcc_notify.h', undef, qr/notify\.c:1: no header/ ],
    [ 'src/core/oauthcc_wicked.h', sub { $_ = "\n" },
      qr/wicked\.h:1: .*not in config/ ],
    [ 'src/other/oauthcc_wicked.h', sub { $_ = "\n" },
      qr/wicked\.h:1: a folder that t\/tools\/lint does not know/ ],

    [ 'src/core/oauthcc_lifetime.c',
      sub { s{^#include "core/oauthcc_lifetime}
             {#include "http/oauthcc_form.h"\n$&}m },
      qr/lifetime\.c:9: includes http, which is not below core/ ],
    [ 'src/cache/oauthcc_credential.h',
      sub { s{core/oauthcc_fields\.h}{token/oauthcc_acquire.h} },
      qr/credential\.h:\d+: includes token, which is not below cache/ ],
    [ 'src/cache/oauthcc_credential.h',
      sub { s{core/oauthcc_fields\.h}{core/oauthcc_field.h} },
      qr{credential\.h:\d+: includes core/oauthcc_field, which is not there} ],
    [ 'src/cache/oauthcc_zone.h',
      sub { s{core/oauthcc_pair\.h}{cache/oauthcc_cache.h} },
      qr{(?:zone|cache)\.[ch]:\d+: includes cache/oauthcc_\w+, which includes it} ],
    [ 'src/core/oauthcc_notify.c', sub { $_ .= "\n" x 600 . "x\n" },
      qr/notify\.c:\d+: more than 600 lines/ ],
    [ 'src/http/oauthcc_form.c', sub { $last->('ngx_conf_t  *cf;') },
      qr/form\.c:\d+: the configuration is not for http\/form/ ],
    [ 'src/token/oauthcc_acquire.c', sub { $last->('ngx_shmtx_lock(m);') },
      qr/acquire\.c:\d+: a mutex is not for token\/acquire/ ],
    [ 'src/token/oauthcc_acquire.c', sub { $last->('oauthcc_lock_take(c);') },
      qr/acquire\.c:\d+: the zone's lock is not for token\/acquire/ ],
    [ 'src/token/oauthcc_acquire.c', sub { $last->('ngx_slab_alloc_locked(p, 1);') },
      qr/acquire\.c:\d+: the zone's memory is not for token\/acquire/ ],
    [ 'src/token/oauthcc_acquire.c', sub { $last->('json_t  *root;') },
      qr/acquire\.c:\d+: JSON is not for token\/acquire/ ],
    [ 'src/upstream/oauthcc_inject.c', sub { $last->('ngx_http_subrequest(r);') },
      qr/inject\.c:\d+: a subrequest is not for upstream\/inject/ ],
    [ 'src/http/oauthcc_form.c', sub { $last->('EVP_MD_CTX  *md;') },
      qr/form\.c:\d+: a digest is not for http\/form/ ],
    [ 'src/http/oauthcc_form.c', sub { s/^#inc/#include <openssl\/x.h>\n$&/m },
      qr/form\.c:\d+: a digest is not for http\/form/ ],
    [ 'src/http/oauthcc_client.c', sub { $last->('SSL_CTX  *ctx;') },
      qr/client\.c:\d+: TLS is not for http\/client/ ],
    [ 'src/http/oauthcc_client.c', sub { $last->('p = malloc(1);') },
      qr/client\.c:\d+: a function of the C library is not for http\/client/ ],
    [ 'src/http/oauthcc_client.c', sub { $last->('p += snprintf(p, 1, "x");') },
      qr/client\.c:\d+: a bounded print of the C library is not for http\/client/ ],
    [ 'src/login_json/php/oauthcc_php_sprintf.c', sub { $last->('n = sprintf(p, "x");') },
      qr/php_sprintf\.c:\d+: a function of the C library is not for login_json\/php\/php_sprintf/ ],
);

for my $case (@cases) {
    my ($path, $break, $found) = @$case;
    my $text = read_file("$copy/$path");
    mkdir dirname("$copy/$path");
    my $out;

    if ($break) {
        local $_ = $text // '';
        $break->();
        write_file("$copy/$path", $_);

    } else {
        unlink "$copy/$path";
    }

    $out = `$lint $copy 2>&1`;
    like($out, $found, "$path: found") or diag $out;
    is($? >> 8, 1, "$path: an error");

    defined $text ? write_file("$copy/$path", $text) : unlink "$copy/$path";
}

is(`$lint $copy 2>&1`, $all, 'the copy is whole again');

# in comments and strings everything may stand

write_file("$copy/src/core/oauthcc_lifetime.c", read_file("$copy/src/core/oauthcc_lifetime.c")
    . qq{/* malloc(1), http://a */\nchar  *p = "json_t // SSL_new(";\n});
is(`$lint $copy 2>&1`, $all, 'comments and strings');

done_testing();
