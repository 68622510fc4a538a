#!/usr/bin/perl

# Tests for login_json: each file of t/login_json is a document, what the token
# endpoint answers, the login request that is to be made, and the request that
# is to reach the upstream.  All are providers and locations of one nginx.
#
#   t/login_json/cases.t [CASE ...]           only these
#
# A case is a JSON object:
#
#   about         what it shows
#   document      the JSON document, its keys in order; or document_text, its
#                 lines as they are
#   files         more files of the prefix, by name
#   attr          attr directives, by name; provider, location: more directives
#   response      of the token endpoint: status, headers, and json or body, in
#                 which %NOW(+3600)% is a timestamp, and %DATE(+3600,FORMAT)%
#                 such a time in the words of strftime, UTC
#   request       of the client: method, uri, headers, body; a GET of /CASE/
#   requests      how often, once; logins: how many they make, one
#   status        of the answer, 200; if it is another one, nothing may reach
#                 the upstream
#   login         of the login request: method, uri, headers, body or json
#   upstream      of the upstream request: the same; the uri of the client
#                 unless it is given
#   expires_in    the least and the most that $oauthcc_expires_in may be
#   error         a regex for the one line of error.log; none is to be there
#                 without it
#
# An expected header is a string: this value, and once; null: it is absent; or
# an object: {"match": REGEX}, with "absent": true if it may be absent;
# {"time": N}: a timestamp N seconds from now; {"gmtime": FORMAT, "offset": N}.
# So may be the uri and the body.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

use File::Basename qw(basename);
use JSON::PP ();
use POSIX qw(strftime setlocale LC_TIME);

setlocale(LC_TIME, 'C');

my $json = JSON::PP->new->utf8->canonical->allow_nonref;
my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my %case = map { basename($_, '.json') => read_case($_) }
           glob "$FindBin::Bin/cases/*.json";
my @names = @ARGV ? @ARGV : sort keys %case;

for my $name (@names) {
    my $case = $case{$name} // BAIL_OUT("no case $name");

    $t->write_file("$name.json", $case->{document_text}
        ? bytes(join "\n", @{ $case->{document_text} }, q())
        : $json->encode($case->{document}));

    $t->write_file($_, bytes($case->{files}{$_}))
        for keys %{ $case->{files} // {} };

    # what is a secret has one of these words in it
    $t->secret(map { /((?:s3cret|t0ken)[\w-]*)/g } strings(
        @$case{qw(document document_text files attr response)}));
    $t->secret(grep { defined && !ref && length > 8 && !m{^\w+/json$} }
               values %{ ($case->{upstream} // {})->{headers} // {} });
}

start();
run_case($_, $case{$_}) for @names;

$t->done;
undef $t;


####  cases and nginx

sub read_case ($file) {
    open my $fh, '<:raw', $file or die "$file: $!";
    local $/;
    return eval { $json->decode(<$fh>) } // BAIL_OUT("$file: $@");
}


sub bytes ($text) {
    utf8::encode($text);
    return $text;
}


# all strings of a structure, as bytes
sub strings (@values) {
    return map { ref eq 'HASH' ? strings(values %$_)
                 : ref eq 'ARRAY' ? strings(@$_)
                 : defined && !ref ? bytes($_) : () } @values;
}


sub quoted ($text) { return '"' . bytes($text) =~ s/(["\\])/\\$1/gr . '"' }


sub config (@names) {
    my ($providers, $locations) = ('', '');

    for my $name (@names) {
        my $case = $case{$name};
        my $attr = $case->{attr} // {};
        my $lines = join "\n        ",
            map { 'attr ' . quoted($_) . ' ' . quoted($attr->{$_}) . ';' }
            sort keys %$attr;

        $providers .= <<"CONF";
    oauthcc_provider $name {
        login_json %%PREFIX%%/$name.json;
        $lines
        @{[ $case->{provider} // '' ]}
    }
CONF
        $locations .= <<"CONF";
        location /$name/ {
            oauthcc $name;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
            add_header X-Expires-In \$oauthcc_expires_in;
            @{[ $case->{location} // '' ]}
        }
CONF
    }

    return <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%
    oauthcc_zone 4m;
$providers
    server {
        listen 127.0.0.1:%%PORT_http%%;
$locations    }
}
CONF
}


# leaves out the cases whose document is refused: one would hide the others
sub start () {
    my ($code, $out) = $t->check(config(@names));

    if ($code != 0) {
        my @good;

        for my $name (@names) {
            ($code, $out) = $t->check(config($name));
            push @good, $name if $code == 0;
            next if $code == 0;
            fail("$name: $case{$name}{about}: the document is refused");
            diag($out);
        }

        @names = @good;
    }

    $t->run(config(@names)) if @names;
}


####  one case

sub run_case ($name, $case) {
    my $title = "$name: $case->{about}";
    my $request = $case->{request} // {};
    my $login = $case->{login} // {};
    my ($path) = ($login->{uri} // endpoint($case)) =~ /^([^?]*)/;
    my $times = $case->{requests} // 1;
    my @trouble;

    $idp->answer($path, answer($case->{response}));
    $_->clear for $idp, $api;

    my @lines = $t->log_lines(qr/\[(?:error|crit|alert|emerg)\]/);
    my $start = time;

    for (1 .. $times) {
        my $r = $t->request($request->{method} // 'GET',
                            bytes($request->{uri} // "/$name/"),
                            headers => [ headers_of($request) ],
                            body => $request->{body});

        push @trouble, check_client($case, $r);
    }

    my @logins = $idp->requests;
    my @calls = $api->requests;
    my $wanted = $case->{logins} // 1;

    push @trouble, differ('number of logins', $wanted, @logins + 0)
        if @logins != $wanted;
    push @trouble, check_request("login $_", $login, $logins[$_ - 1], $start)
        for 1 .. @logins;

    if (($case->{status} // 200) == 200) {
        my %upstream = (method => $request->{method} // 'GET',
                        uri => $request->{uri} // "/$name/",
                        %{ $case->{upstream} // {} });

        push @trouble, differ('number of upstream requests', $times,
                              @calls + 0) if @calls != $times;
        push @trouble, check_request("upstream $_", \%upstream,
                                     $calls[$_ - 1], $start) for 1 .. @calls;

    } elsif (@calls) {
        push @trouble, differ('upstream', 'no request',
                              map { $_->{head} } @calls);
    }

    my @new = $t->log_lines(qr/\[(?:error|crit|alert|emerg)\]/);
    splice @new, 0, @lines;

    push @trouble, check_log($case, @new);

    ok(!@trouble, $title);
    diag("$title\n", join '', map { "  $_\n" } @trouble) if @trouble;
}


# the path that the document's own endpoint has
sub endpoint ($case) {
    my ($endpoint) = grep { m{^https?://127} }
        map { find_endpoint($_) } $case->{document} // $case->{document_text};
    return ($endpoint // '') =~ m{^https?://[^/]+(/.*)} ? $1 : '*';
}


sub find_endpoint ($value) {
    if (ref $value eq 'HASH') {
        return $value->{endpoint} if defined $value->{endpoint}
                                     && !ref $value->{endpoint};
        return map { find_endpoint($_) } values %$value;
    }

    # the text of a document
    return ref $value eq 'ARRAY' && !ref $value->[0]
        ? map { /"endpoint": *"([^"]*)/ ? $1 =~ s{\\/}{/}gr : () }
          grep { defined && !ref } @$value : ();
}


sub answer ($response) {
    my $body = $response->{body};
    $body = defined $body ? bytes($body) : $json->encode($response->{json});

    $body =~ s/%NOW\(([+-]\d+)\)%/time + $1/ge;
    $body =~ s/%DATE\(([+-]\d+),([^)]*)\)%/strftime($2, gmtime(time + $1))/ge;

    return { status => $response->{status} // 200, body => $body,
             headers => [ map { bytes($_) }
                          %{ $response->{headers} // {} } ] };
}


sub headers_of ($request) {
    my $headers = $request->{headers} // {};
    return map { bytes($_) } ref $headers eq 'HASH'
        ? map { $_ => $headers->{$_} } sort keys %$headers
        : map { @$_ } @$headers;
}


####  what was expected, and what came; each returns the lines of a complaint

sub differ ($what, $expected, @got) {
    my $show = sub ($v) {
        return !defined $v ? 'nothing'
            : ref $v ? $json->encode($v) : "\"$v\"";
    };

    return "$what: expected " . $show->($expected) . ', got '
           . (join(' and ', map { $show->($_) } @got) || 'nothing');
}


sub check_client ($case, $r) {
    my $status = $case->{status} // 200;
    my $range = $case->{expires_in};
    my $left = $r->header('X-Expires-In') // '';

    return differ('status', $status, $r->status || $r->error)
        if $r->status ne $status;

    return differ('$oauthcc_expires_in', "$range->[0] to $range->[1]", $left)
        if $range && ($left !~ /^\d+$/ || $left < $range->[0]
                      || $left > $range->[1]);

    return 'the answer to the client holds a secret'
        if $status != 200 && $r->body =~ /s3cret|t0ken/;
    return;
}


sub check_request ($what, $expected, $got, $start) {
    my @trouble;

    for my $key (qw(method uri body)) {
        next unless exists $expected->{$key};
        push @trouble, differ("$what, $key", $expected->{$key}, $got->{$key})
            unless fits($expected->{$key}, $start, $got->{$key});
    }

    if (exists $expected->{json}) {
        my $body = eval { $json->decode($got->{body}) };
        push @trouble, differ("$what, JSON", $expected->{json}, $got->{body})
            if $json->encode($body) ne $json->encode($expected->{json})
               || $got->{body} !~ /^\s*[\[{]/;
    }

    my $headers = $expected->{headers} // {};

    for my $name (sort keys %$headers) {
        my @values = Test::OAuthCC::Server->header($got, $name);

        push @trouble, differ("$what, header $name", $headers->{$name},
                              @values)
            unless fits($headers->{$name}, $start, @values);
    }

    return @trouble;
}


sub fits ($expected, $start, @got) {
    return !@got unless defined $expected;
    return 1 if ref $expected && $expected->{absent} && !@got;
    return 0 if @got != 1;

    my ($got) = @got;
    my ($from, $to) = ($start, time);

    return bytes($expected) eq $got unless ref $expected;
    return $got =~ /$expected->{match}/ if exists $expected->{match};

    my $offset = $expected->{time} // $expected->{offset} // 0;

    return $got =~ /^\d+$/ && $got >= $from + $offset - 1
           && $got <= $to + $offset + 1 if exists $expected->{time};

    return grep { $got eq strftime($expected->{gmtime}, gmtime($_ + $offset)) }
           $from - 1 .. $to + 1;
}


sub check_log ($case, @lines) {
    my $error = $case->{error};

    return map { "error.log: $_" } @lines unless defined $error;

    return differ('lines of error.log', "one that matches $error", @lines)
        if @lines != 1 || $lines[0] !~ /$error/;
    return;
}
