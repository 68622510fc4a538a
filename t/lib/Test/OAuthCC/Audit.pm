package Test::OAuthCC::Audit;

# A token endpoint that keeps books, for tests of many logins:
#
#   use Test::OAuthCC::Audit;
#   my $idp = $t->daemon(Audit => 'idp');
#
#   $idp->most;                 # { path => logins at once, ... }
#
# A recorded request has besides what a TokenEndpoint notes: ended, when its
# connection was closed, and good, if all of a token was sent by then.

use v5.36;
use parent 'Test::OAuthCC::TokenEndpoint';

use Socket qw(MSG_PEEK MSG_DONTWAIT);
use Time::HiRes qw(time);


sub most ($self) { return scalar $self->call('most') }


####  in the daemon

sub do_most ($self) { return $self->{most} // {} }


sub steps ($self, $request, $answer) {
    my ($path) = $request->{uri} =~ /^([^?]*)/;

    # this one, and those that are not answered, unless nobody is there
    my $n = grep {
        $_->{request} && $_->{request}{uri} eq $request->{uri}
            && ($_->{request} == $request || is_there($_->{fh}))
    } values %{ $self->{open} };

    $self->{most}{$path} = $n if $n > ($self->{most}{$path} // 0);

    $request->{fault} = 1 if $answer->{status} || defined $answer->{raw}
        || defined $answer->{cut} || defined $answer->{reset};

    return $self->SUPER::steps($request, $answer);
}


# not so after a worker was killed
sub is_there ($fh) {
    my $got = recv $fh, my $byte, 1, MSG_PEEK | MSG_DONTWAIT;
    return defined $got ? length $byte : $!{EAGAIN};
}


sub finish ($self, $c) {
    if (my $request = $c->{request}) {
        $request->{ended} //= time;
        $request->{good} = 1 if $request->{token} && !$request->{fault}
            && !@{ $c->{steps} } && $c->{out} eq '';
    }

    $self->SUPER::finish($c);
}


1;
