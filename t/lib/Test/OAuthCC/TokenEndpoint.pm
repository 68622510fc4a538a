package Test::OAuthCC::TokenEndpoint;

# A scripted OAuth 2.0 token endpoint (see Server.pm for what it can be told).
# By default it takes any request and answers with a fresh token:
#
#   {"access_token":"tok-1-...","expires_in":3600,"token_type":"Bearer"}
#
# Besides the answers of a Server it knows
#
#   json              members that differ from these; undef leaves one out
#   token_length      how long the fresh token is
#   body              may hold %TOKEN%, which becomes a fresh token, and
#                     %SENT(NAME)%, the header of the login request or the
#                     parameter of its form
#
# $idp->logins counts requests, $idp->tokens lists what was given out so far,
# $idp->secrets lists all that no log may hold: tokens, and the credentials
# that it was sent.

use v5.36;
use parent 'Test::OAuthCC::Server';

use JSON::PP ();
use List::Util qw(uniq);


####  in the test

sub logins ($self)  { return $self->count }
sub tokens ($self)  { return $self->call('tokens') }
sub secrets ($self) { return $self->call('secrets') }


####  in the daemon

sub do_tokens ($self) { return @{ $self->{tokens} // [] } }


sub do_secrets ($self) {
    return uniq @{ $self->{tokens} // [] }, keys %{ $self->{sent} // {} };
}


sub content_type ($self) { return 'application/json' }


sub default_body ($self, $request, $answer) {
    my %json = (access_token => $self->fresh($request, $answer),
                token_type => 'Bearer', expires_in => 3600,
                %{ $answer->{json} // {} });

    defined $json{$_} or delete $json{$_} for keys %json;

    return JSON::PP->new->canonical->latin1->encode(\%json);
}


sub fresh ($self, $request, $answer) {
    my $token = sprintf 'tok-%d-%08x%08x', 1 + @{ $self->{tokens} // [] },
                        rand 2 ** 32, rand 2 ** 32;

    my $length = $answer->{token_length} // 0;
    $token .= 'x' x ($length - length $token) if $length > length $token;

    push @{ $self->{tokens} }, $token;
    $request->{token} = $token;

    return $token;
}


sub message ($self, $request, $answer) {
    if (my ($sent) = ($self->header($request, 'Authorization') // '')
                     =~ /^\w+ (.+)/)
    {
        $self->{sent}{$sent} = 1;
    }

    if ($request->{body} =~ /\b(?:client_)?assertion=([^&]+)/) {
        $self->{sent}{$1} = 1;
    }

    my %answer = %$answer;

    if (($answer{body} // '') =~ /%TOKEN%/) {
        my $token = $self->fresh($request, $answer);
        $answer{body} =~ s/%TOKEN%/$token/g;
    }

    $answer{body} =~ s/%SENT\(([\w-]+)\)%/$self->sent($request, $1)/ge
        if defined $answer{body};

    return $self->SUPER::message($request, \%answer);
}


# as it may stand in a string of JSON
sub sent ($self, $request, $name) {
    my $value = $self->header($request, $name);

    if (!defined $value) {
        ($value) = $request->{body} =~ /(?:^|&)\Q$name\E=([^&]*)/;
        $value =~ s/%(..)/chr hex $1/ge;
    }

    return $value =~ s/(["\\])/\\$1/gr;
}


1;
