#!/usr/bin/perl

# Unit tests of the rooms that need no request: t/unit/ is an nginx module that
# runs them while nginx reads a configuration that asks for one.
#
# Environment, besides that of all tests: NGINX_SRC, NGINX_CC_OPT, NGINX_LD_OPT
# as t/unit/build takes them, TEST_NGINX_UNIT (where it builds: build/unit).
# promtool reads what is for Prometheus, where it is installed.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

use Cwd qw(abs_path);
use File::Basename qw(basename);
use Encode ();
use JSON::PP ();

my @rooms = map { basename($_, '.c') } glob "$FindBin::Bin/../unit/{*,*/*}/*.c";

my $folder = $ENV{TEST_NGINX_UNIT} // "$FindBin::Bin/../../build/unit";

plan(skip_all => 'no nginx sources: install nginx-dev or set NGINX_SRC')
    unless grep { -x } map { ($ENV{NGINX_SRC} // '/usr/share/nginx/src') . $_ }
                       '/configure', '/auto/configure';

system('mkdir', '-p', $folder);
system("$FindBin::Bin/../unit/build", $folder) == 0
    or BAIL_OUT('the unit tests can not be built');

my $so = abs_path("$folder/ngx_http_oauthcc_unit_module.so");
my $t = Test::OAuthCC->new(module => '');

for my $room (@rooms) {
    my ($code, $out) = $t->check(<<"CONF");
load_module $so;
%%GLOBALS%%
oauthcc_unit $room;
CONF

    my ($planned) = $out =~ /^1\.\.(\d+)$/m;
    my $n = 0;

    for (split /\n/, $out) {
        if (/^(not )?ok \d+ - (.*)/) {
            $n++;
            ok(!$1, "$room: $2");

        } elsif (/^# (.*)/) {
            diag($1);
        }
    }

    is($n, $planned // 'no plan', "$room: all cases");
    is($code, 0, "$room: nginx -t") or diag($out);
    unlike($out, qr/Sanitizer|runtime error:/, "$room: clean");
}

pages($_) for qw(empty sample many);
sample();

$t->done;


####  what the room "status_views" has written

sub page ($name) {
    open my $fh, '<:raw', $t->prefix . "/$name" or return '';
    local $/;
    return <$fh>;
}


sub pages ($name) {
    my $html = page("$name.html");
    my $check = Encode::FB_CROAK | Encode::LEAVE_SRC;
    my $text = eval { Encode::decode('UTF-8', $html, $check) };

    ok(defined $text, "$name: the page is UTF-8");
    is(tags($text // ''), '', "$name: the page is well-formed");
    unlike($html, qr/[\x00-\x09\x0b-\x1f\x7f]/, "$name: nothing unseen");
    unlike($html, qr/<(?:script|img|iframe|object)|url\(|\@import/i,
           "$name: it loads nothing");
    is_deeply([ $html =~ /(?:href|src)="([^"]*)"/g ],
              [ 'data:,', '?format=json', '?format=prometheus' ],
              "$name: nor does it point anywhere else");

    my $json = eval { JSON::PP->new->utf8->decode(page("$name.json")) };
    ok($json, "$name: JSON") or diag($@);
    is($json->{version}, 1, "$name: version");
    unlike(page("$name.json"), qr/[^\x20-\x7e\n]/, "$name: in ASCII");

    is(series(page("$name.prometheus")), '', "$name: series");

    SKIP: {
        skip('no promtool: install prometheus', 1)
            unless `promtool --version 2>/dev/null`;
        my $file = $t->prefix . "/$name.prometheus";
        is(`promtool check metrics <$file 2>&1`, '', "$name: promtool");
    }
}


# what breaks the nesting of elements, or the quotes of attributes
sub tags ($html) {
    my $void = qr/^(?:meta|link|br)$/;
    my (@open, $n);

    $html =~ s/^<!DOCTYPE html>\n// or return 'no type';
    $html =~ s{(<style>)[^<]*}{$1};

    while ($html =~ /<([^>]*)>|(>)/g) {
        my $tag = $1 // return "a > at $-[0]";
        $n++;

        if ($tag =~ m{^/(\w+)$}) {
            my $open = pop @open // 'nothing';
            return "</$1> ends $open" unless $1 eq $open;

        } elsif ($tag =~ /^(\w+)(?: [\w-]+="[^"<]*")*$/) {
            push @open, $1 unless $1 =~ $void;

        } else {
            return "<$tag>";
        }
    }

    return @open || !$n ? "not closed: @open" : '';
}


# lines that are none of the format, series without a head or there twice
sub series ($text) {
    my $label = qr/\w+="(?:[^"\\]++|\\[\\"n])*+"/;
    my (%type, %help, %seen);

    for (split /\n/, $text) {
        if (/^# HELP (\w+) \S/) {
            return "$1 has two heads" if $help{$1}++;

        } elsif (/^# TYPE (\w+) (counter|gauge|histogram)$/) {
            $type{$1} = $2;

        } elsif (/^((\w+)(?:\{$label(?:,$label)*\})?) [\d.]+$/) {
            my ($series, $name) = ($1, $2);

            return "$series is there twice" if $seen{$series}++;
            next if $type{$name} && $help{$name};

            $name =~ s/_(?:bucket|sum|count)$//;
            return "$name has no head"
                unless $help{$name} && ($type{$name} // '') eq 'histogram';

        } else {
            return "no series: $_";
        }
    }

    return %seen ? '' : 'no series';
}


# every field, and what has become of what a stranger sent
sub sample {
    my $json = eval { JSON::PP->new->utf8->decode(page('sample.json')) };
    my ($crm, undef, $hostile, $unused) = @{ $json->{providers} };
    my ($entry) = @{ $hostile->{entries} };
    my $bad = "\x{fffd}";

    is_deeply([ sort keys %$json ],
              [ qw(bypasses counting_since_unix_seconds entries_by_state
                   entry_count entry_limit generated_at_unix_seconds
                   last_failures module_version providers store
                   version zone) ],
              'JSON: fields of the report');
    is_deeply([ sort keys %{ $json->{zone} } ],
              [ qw(free_bytes size_bytes used_bytes) ],
              'JSON: fields of the zone');
    is_deeply([ sort keys %$crm ],
              [ qw(auth_method backoff_seconds client_id
                   consecutive_login_failures dpop entries entries_by_state
                   entry_count evictions
                   expires_in_seconds failures
                   last_login_failure_unix_seconds
                   last_login_success_unix_seconds login_duration logins
                   logins_in_flight matching_entry_count name refused_tokens replays requests
                   token_endpoint unreadable_files waiters) ],
              'JSON: fields of a provider');
    is_deeply([ sort keys %$entry ],
              [ qw(audience backoff_seconds expires_in_seconds failures hits id
                   last_error last_error_ago_seconds
                   last_error_http_status last_login_ago_seconds
                   last_login_duration_seconds life_seconds logins
                   refresh_in_seconds replays resource scope state waiters) ],
              'JSON: fields of an entry');

    is_deeply($crm->{dpop}, { jkt => 'jkt_of-the-key', alg => 'ES256',
                              challenges => { login => 2, request => 31 } },
              'JSON: DPoP');
    is($hostile->{dpop}, undef, 'JSON: no DPoP');
    is_deeply([ @{ $unused->{dpop} }{qw(jkt alg)} ], [ undef, undef ],
              'JSON: no key of DPoP');

    is_deeply($crm->{requests},
              { hit => 1385961, miss => 3, wait => 58, refresh => 503,
                error => 0 }, 'JSON: requests');
    is_deeply($crm->{logins},
              { success => 503, refused => 0, invalid => 1, timeout => 2,
                unreachable => 0, internal => 0 }, 'JSON: logins');

    my @buckets = @{ $crm->{login_duration}{buckets} };
    is("@{[ map { $_->{up_to_seconds} // 'all' } @buckets ]}",
       '0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 all', 'JSON: bounds');
    is("@{[ map { $_->{count} } @buckets ]}",
       '0 0 0 0 34 435 493 502 504 504 506 506', 'JSON: cumulated');
    is($crm->{login_duration}{sum_seconds}, 120.41, 'JSON: sum');

    is($entry->{scope}, '</th><script>alert(1)</script>', 'JSON: scope');
    is($entry->{audience}, q(" onload='alert(2)' x="&amp;), 'JSON: audience');
    is($entry->{resource}, 'https://a.example/' . $bad x 6 . "?\x{20ac}",
       'JSON: what is no UTF-8 is replaced');
    like($entry->{last_error}, qr/^invalid_client: .*\e\[31m\0.*a\x{2026}$/s,
         'JSON: an error is cut');
    is(length $entry->{last_error}, 201, 'JSON: to that length');
    is($hostile->{name}, qq(a"b\\c\nd<e>$bad), 'JSON: name');

    is_deeply($unused->{entries}, [], 'JSON: no entry');
    is($unused->{expires_in_seconds}, undef, 'JSON: nothing to expire');
    is($json->{providers}[1]{entries}[1]{life_seconds}, undef,
       'JSON: no token, no life');
}
