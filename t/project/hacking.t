#!/usr/bin/perl

# Tests that HACKING is true where a program can tell: the rooms, functions,
# files and make targets that it names are there, each folder is on its map,
# who may use what is as in the table of t/tools/lint, and .ci/run leaves out
# what it says.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Docs;

use File::Find ();

my $root = $Test::OAuthCC::Docs::root;

my (%room, %folder, $code);

File::Find::find({
    no_chdir => 1,
    wanted => sub {
        return unless m{/src/(.*/)oauthcc_(\w+)\.[ch]$};
        my ($folder, $room) = ($1, $2);

        $room{"$folder$room"} = $room{$room} = 1;
        $folder{$folder =~ s{/.*}{}r} = 1;
        $code .= Test::OAuthCC::Docs::slurp($_);
    },
}, "$root/src");

$code .= Test::OAuthCC::Docs::page('ngx_http_oauthcc_module.c');

my $make = Test::OAuthCC::Docs::page('Makefile');
my $lint = Test::OAuthCC::Docs::page('t/tools/lint');
my $ci = Test::OAuthCC::Docs::page('.ci/run');
my %target = map { $_ => 1 } map { split } $make =~ /^([a-z][\w -]*):(?!=)/mg;

# what the table of lint calls the rows of "Who may"

my %reserved = (
    "take the zone's lock"    => ["the zone's lock"],
    'ngx_conf_t'              => ['the configuration'],
    'jansson'                 => ['JSON'],
    'OpenSSL'                 => ['a digest', 'TLS'],
    'hiredis'                 => ['the Redis protocol'],
    'ngx_http_subrequest()'   => ['a subrequest'],
);


sub section ($text, $title) {
    my ($section) = $text =~ /^\Q$title\E\n-+\n(.*?)(?:^\S[^\n]*\n-+\n|\z)/ms;

    return $section // '';
}


# who may, as [row, places]; places may go on in the lines below
sub rows ($text) {
    my @rows;

    for (split /\n/, section($text, 'Who may')) {
        last if /^The table/;

        if (/^    (\S.*?)  +(.*)/) {
            push @rows, [ $1, $2 ];

        } elsif (/^ {36}(.*)/) {
            $rows[-1][1] .= " $1";
        }
    }

    return @rows;
}


sub places ($text) {
    return join ' ', sort map { s{^\s+|\s+$}{}gr =~ s{^src/|/$}{}gr
                                =~ s/^the module file$/./r } split /,/, $text;
}


# what is not so
sub untrue ($text) {
    my @untrue;
    my $folders = join '|', sort keys %folder;

    while ($text =~ m{(?<![/\w])(?:src/)?((?:$folders)/[a-z][\w/]*)}g) {
        my $room = $1 =~ s/oauthcc_//r;
        push @untrue, "no room $room"
            unless $room{$room} || -d "$root/src/$room";
    }

    while ($text =~ /\b([a-z]\w+)\(\)/g) {
        my $name = $1;
        next if $name =~ /^(?:due|start)$|ROOM/;  # of a step, or of any room

        push @untrue, "no function $name()"
            unless $code =~ /\b(?:oauthcc_|ngx_http_oauthcc_)?\Q$name\E\(/;
    }

    while ($text =~ m{(?<!\w)((?:t|docs|src|debian|\.ci)/[\w./-]*\w)}g) {
        my $path = $1;
        next if $path =~ /[A-Z]{3}/;             # t/FOLDER/NAME.t
        push @untrue, "no file $path" unless -e "$root/$path";
    }

    my $how = section($text, 'How to run');
    my %named = map { $_ => 1 }
                map { split } $how =~ /^    make((?: [a-z-]+)+)/mg;

    push @untrue, map { "no target $_" } grep { !$target{$_} } sort keys %named;

    delete @named{ $ci =~ /^stage make ([\w-]+)/mg };

    my ($left) = $how =~ /Not in it.*?:\s+([\w\s-]+)\./ms
        or push @untrue, 'nothing is left out of .ci/run';
    my $out = join ' ', split ' ', $left // '';

    push @untrue, ".ci/run leaves out $out, and not "
                  . join ' ', sort keys %named
        if $out ne join ' ', sort keys %named;

    my ($map) = $text =~ /\A(.*?)^The flows$/ms;
    push @untrue, map { "$_ is not on the map" }
                  grep { ($map // '') !~ m{\bsrc/$_/} } sort keys %folder;

    my ($table) = $lint =~ /^my \@reserved = \((.*?)^\);$/ms;
    my %may = map { my ($what, undef, @may) = @$_; $what => \@may }
              eval "($table)";

    for (rows($text)) {
        my ($row, $said) = @$_;
        my $names = $reserved{$row} or next;
        my %places = map { $_ => 1 } map { @{ $may{$_} } } @$names;

        # a folder may stand for its folders
        my $true = places(join ',', map { s{/$}{}r } keys %places);
        push @untrue, "$row: " . places($said) . ", and not $true"
            if places($said) ne $true;
    }

    return @untrue;
}


my $text = Test::OAuthCC::Docs::page('HACKING');

####  what the check would see

my @wrong = (
    [ qr{cache/lease}, 'cache/leash', 'no room cache/leash' ],
    [ qr{replay_judge\(\)}, 'replay_guess()', 'no function replay_guess()' ],
    [ qr{t/conf/conf\.t}, 't/conf/conv.t', 'no file t/conf/conv.t' ],
    [ qr{make kills }, 'make kills kilts ', 'no target kilts',
      '.ci/run leaves out bench boringssl cross demo kills load matrix musl '
      . 'soak warnings, and not bench boringssl cross demo kills kilts load '
      . 'matrix musl soak warnings' ],
    [ qr{bench boringssl cross}, 'bench cross',
      '.ci/run leaves out bench cross demo kills load matrix musl soak '
      . 'warnings, and not bench boringssl cross demo kills load matrix musl '
      . 'soak warnings' ],
    [ qr{src/dpop/   src/oauth/}, '            src/oauth/',
      'dpop is not on the map' ],
    [ qr{hiredis(\s+)store/store_reply}, 'hiredis    store/store_link',
      'hiredis: store/store_link, and not store/store_reply' ],
);

for (@wrong) {
    my ($re, $with, @found) = @$_;
    my $copy = $text =~ s/$re/$with/r;

    isnt($copy, $text, "there is $re");
    is_deeply([ untrue($copy) ], \@found, $found[0]);
}

####  the page

cmp_ok(scalar(rows($text)), '>=', 6, 'there are rows of who may');
is_deeply([ untrue($text) ], [], 'HACKING is true');
is_deeply([ grep { length > 79 } split /\n/, $text ], [], 'lines are short');

done_testing;
