package Test::OAuthCC::Upstream;

# A scripted API (see Server.pm): by default it answers 200 with the head of
# the request that it got, so that a test reads there what has reached it.
# With protocol => "fastcgi", "uwsgi" or "scgi" it speaks that instead, and
# the head is one line "NAME: value" a parameter, in the order they came.

use v5.36;
use parent 'Test::OAuthCC::Server';


sub default_body ($self, $request, $answer) { return $request->{head} }


sub parse ($self, $c) {
    my $protocol = $self->{protocol} // 'http';

    return $self->SUPER::parse($c) if $protocol eq 'http';

    my ($params, $body) = $self->can("parse_$protocol")->($c) or return;
    my %value = map { @$_ } @$params;

    return { method => $value{REQUEST_METHOD} // '-',
             uri => $value{REQUEST_URI} // '-', version => $protocol,
             headers => $params, body => $body,
             head => join '', map { "$_->[0]: $_->[1]\n" } @$params };
}


sub parse_fastcgi ($c) {
    my ($params, $stdin, $ended) = ('', '', 0);

    for (my $at = 0; !$ended; ) {
        return if length $c->{in} < $at + 8;
        my (undef, $type, undef, $length, $padding)
            = unpack 'CCnnC', substr $c->{in}, $at, 8;
        return if length $c->{in} < $at + 8 + $length + $padding;

        my $content = substr $c->{in}, $at + 8, $length;
        $at += 8 + $length + $padding;

        $params .= $content if $type == 4;
        $stdin .= $content if $type == 5;
        $ended = $type == 5 && $length == 0;
    }

    my @params;

    while (length $params) {
        my @length;

        for (1 .. 2) {
            push @length, ord $params < 128
                ? unpack('C', substr $params, 0, 1, '')
                : unpack('N', substr $params, 0, 4, '') & 0x7fffffff;
        }

        push @params, [ map { substr $params, 0, $_, '' } @length ];
    }

    return \@params, $stdin;
}


sub parse_uwsgi ($c) {
    return if length $c->{in} < 4;
    my (undef, $size) = unpack 'CvC', $c->{in};
    return if length $c->{in} < 4 + $size;

    my @flat = unpack '(v/a)*', substr $c->{in}, 4, $size;

    return with_body($c, 4 + $size, @flat);
}


sub parse_scgi ($c) {
    $c->{in} =~ /^(\d+):/ or return;
    my ($from, $size) = ($+[0], $1);
    return if length $c->{in} < $from + $size + 1;

    my @flat = split /\0/, substr($c->{in}, $from, $size), -1;
    pop @flat;

    return with_body($c, $from + $size + 1, @flat);
}


sub with_body ($c, $from, @flat) {
    my @params;
    push @params, [ splice @flat, 0, 2 ] while @flat;

    my %value = map { @$_ } @params;
    my $length = $value{CONTENT_LENGTH} || 0;
    return if length $c->{in} < $from + $length;

    return \@params, substr $c->{in}, $from, $length;
}


sub message ($self, $request, $answer) {
    my ($head, $body) = $self->SUPER::message($request, $answer);

    return $head, $body if $request->{version} =~ /^HTTP/;

    $head =~ s{^HTTP/1.1 }{Status: };

    return $head, $body if $request->{version} ne 'fastcgi';

    return join('', map { pack('CCnnCC', 1, 6, 1, length $_, 0, 0) . $_ }
                    unpack('(a32768)*', $head . $body), '')
           . pack('CCnnCC NC4', 1, 3, 1, 8, 0, 0, 0, 0, 0, 0, 0), '';
}


1;
