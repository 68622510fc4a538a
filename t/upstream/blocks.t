#!/usr/bin/perl

# Tests that nginx runs for a request what it would run without the module, and
# that no worker dies of it: "if" blocks, of which the last to match has the
# settings and an earlier one the handler, "limit_except", named locations,
# error pages and try_files, in two hundred combinations.  And where the request
# is passed to an upstream, it has the token of the block whose settings it got.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;

my $t = Test::OAuthCC->new(needs => [ 'http_v2_module' ]);
my $idp = $t->token_endpoint;

my %api = map { $_ => $t->daemon(Guard => $_, protocol => $_) }
          qw(http fastcgi uwsgi scgi);

$_->answer({ body => "ok\n" }) for values %api;

# nginx itself says so of a block that has the handler of another
$t->allow_alert(qr/no upstream configuration|unknown variable index/);


####  the configurations, the same in each run

my $seed = $ENV{TEST_BLOCKS_SEED} // 1;     # another one: other combinations
my ($blocks, %use, @named) = (0);

sub any (@list) {
    $seed = ($seed * 1103515245 + 12345) % 2 ** 31;
    return $list[($seed >> 12) % @list];
}

sub handler (@more) {
    return any(
        (map { "${_}_pass 127.0.0.1:%%PORT_$_%%;" } qw(fastcgi uwsgi scgi)),
        ('proxy_pass http://127.0.0.1:%%PORT_http%%;') x 2,
        'grpc_pass 127.0.0.1:%%PORT_grpc%%;',
        'memcached_pass 127.0.0.1:%%PORT_dead%%;',
        @more);
}

# two handlers in one place: the last wins, but the "if" blocks have both
sub handlers () {
    my ($first, $last) = (handler(''), handler(''));
    return any(0 .. 4) || $first eq $last ? $last : $first . $last;
}

sub block ($inherited) {
    my $name = 'b' . ++$blocks;
    my $use = any($inherited, $inherited, 'off', 'crm', 'other');

    $use{$name} = $use;

    return $use, ($use eq $inherited && any(0, 1) ? '' : "oauthcc $use;\n")
                 . "add_header X-Block $name always;\n";
}

sub branch ($variable, $inherited) {
    my ($use, $text) = block($inherited);

    $text .= any(handler('', '', '', ''), handler('', '', '', ''),
                 'return 403;', 'return 404;', 'rewrite ^ /static break;');

    return "if (\$$variable) {\n$text\n}\n";
}

sub location ($path, $inherited) {
    my ($use, $text) = block($inherited);

    $text .= handlers() . "\n";
    $text .= branch($_, $use) for @{ any(
        [], [qw(arg_a)], [qw(arg_a arg_b)], [qw(arg_a arg_b)],
        [qw(arg_b arg_a)], [qw(arg_a arg_b arg_a)]) };

    return $text if $path eq '@';

    $text .= 'limit_except GET { ' . any(
        '', 'proxy_pass http://127.0.0.1:%%PORT_http%%;', 'deny all;')
             . " }\n" unless any(0 .. 3);

    my $named = sub {
        push @named, location('@', $inherited);
        return '@n' . $#named;
    };

    $text .= 'error_page 403 404 405 500 502 '
             . any('', '=', '=200 ') . any($named->(), $named->(), '/page')
             . ";\n" if any(0, 1);

    $text .= 'try_files ' . any('/none', '/static', '$uri') . ' '
             . any($named->(), $named->(), '=404', '/page', '/page?b=1')
             . ";\n" unless any(0 .. 3);

    return "location $path {\n$text}\n";
}

my $locations = join '', map { location("/c$_", 'off') } 0 .. 99;
my $inherited = join '', map { location("/c$_", 'crm') } 100 .. 199;
my $named = join '', map { "location \@n$_ {\n$named[$_]}\n" } 0 .. $#named;

my $config = <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%
    root %%PREFIX%%/html;
    default_type text/plain;

    fastcgi_param REQUEST_METHOD \$request_method;
    uwsgi_param REQUEST_METHOD \$request_method;
    scgi_param REQUEST_METHOD \$request_method;
    fastcgi_param CONTENT_LENGTH \$content_length;
    uwsgi_param CONTENT_LENGTH \$content_length;
    scgi_param CONTENT_LENGTH \$content_length;

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider other {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/other;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_off%%;
        set \$memcached_key key;
        $locations
        $named
        location /page { return 200 page; }
    }

    server {
        listen 127.0.0.1:%%PORT_crm%%;
        oauthcc crm;
        set \$memcached_key key;
        $inherited
        $named
        location /page { return 200 page; }
    }

    # a gRPC upstream that tells another one what it got
    server {
        listen 127.0.0.1:%%PORT_grpc%% http2;
        location / { proxy_pass http://127.0.0.1:%%PORT_http%%; }
    }
}
CONF

$t->write_file('html/static', "static\n");


####  what each answers, and who was asked with what

# the text that has to be the same, the block that settings came from, and the
# tokens that upstreams got, by request
sub answers () {
    my %answer;

    $_->clear for values %api;

    for my $n (0 .. 199) {
        for my $method (qw(GET HEAD POST)) {
            for my $args ('', '?a=1', '?b=1', '?a=1&b=1') {
                my $id = "$method /c$n$args";
                my $r = $t->request($method, "/c$n$args",
                                    port => $n < 100 ? 'off' : 'crm',
                                    headers => [ 'X-Id' => $id ],
                                    $method eq 'POST' ? (body => 'x') : ());

                $answer{$id} = {
                    block => $r->header('X-Block') // '',
                    text => join(' ', map { $_ // '-' } $r->status,
                                 $r->header('X-Block'), $r->error,
                                 ($r->body // '') =~ s/\s+/ /gr),
                };
            }
        }
    }

    for my $name (sort keys %api) {
        for my $request ($api{$name}->requests) {
            my ($id) = map { $api{$name}->header($request, $_) }
                       qw(X-Id HTTP_X_ID);

            $answer{$id}{text} .= " $name";
            push @{ $answer{$id}{tokens} }, $request->{token} // 'none';
        }
    }

    return \%answer;
}

{
    local $t->{module} = '';
    $t->run($config =~ s/oauthcc_provider \w+ \{[^}]*\}//gr
                    =~ s/oauthcc \w+;//gr);
}

my $want = answers();
$t->stop;

$t->run($config);
my $have = answers();

my %login;
my @tokens = $idp->tokens;

for my $request ($idp->requests) {
    $login{ substr $request->{uri}, 1 } = shift @tokens;
}

my @ids = sort keys %$want;
my @differ = grep { $want->{$_}{text} ne $have->{$_}{text} } @ids;

is_deeply([ map { "$_: $have->{$_}{text}" } @differ ],
          [ map { "$_: $want->{$_}{text}" } @differ ],
          'as without the module');

my @passed = grep { $have->{$_}{tokens} } @ids;
my @wrong;

for my $id (@passed) {
    my $use = $use{ $have->{$id}{block} } // '';
    my $token = $login{$use} // 'none';

    push @wrong, map { "$id: block $have->{$id}{block}, $use, not $_" }
                 grep { $_ ne $token } @{ $have->{$id}{tokens} };
}

is_deeply(\@wrong, [], 'the token is that of the block');
is_deeply([ sort keys %login ], [ qw(crm other) ], 'each was logged in for');
is($idp->logins, 2, 'once');

# the configurations are such that there is something to see

my $tally = sub ($re) { return scalar grep { $want->{$_}{text} =~ $re } @ids };

cmp_ok(scalar @passed, '>', 500, 'requests that were passed');
cmp_ok($tally->(qr/^$_/), '>', 5, "answers with $_")
    for qw(200 403 404 405 500 502);
cmp_ok($tally->(qr/ $_$/), '>', 50, "requests over $_") for sort keys %api;

$t->done;
