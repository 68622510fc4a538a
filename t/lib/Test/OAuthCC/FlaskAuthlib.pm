package Test::OAuthCC::FlaskAuthlib;

# A real authorization server: Debian's Authlib on Flask, as
# t/idp/flask-authlib.py sets it up.  It takes id and secret of Basic as they
# are, or form-decodes them (1.6).  See ScriptServer.pm.

use v5.36;
use parent 'Test::OAuthCC::ScriptServer';


# Debian's own, whatever else there is
sub interpreter ($class) { return '/usr/bin/python3' }
sub script ($class)      { return 'flask-authlib.py' }


sub missing ($class) {
    return if system("/usr/bin/python3 -c 'import authlib, flask' "
                     . '>/dev/null 2>&1') == 0;
    return 'apt-get install --no-install-recommends python3-authlib '
           . 'python3-flask';
}


sub version ($class) {
    my ($version) = `dpkg-query -W -f '\${Version}' python3-authlib`
                    =~ /(\S+)/;
    return $version;
}


sub token_endpoint ($self)         { return $self->url . '/token' }
sub introspection_endpoint ($self) { return $self->url . '/introspect' }


1;
