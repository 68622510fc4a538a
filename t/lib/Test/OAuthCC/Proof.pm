package Test::OAuthCC::Proof;

# DPoP proofs (RFC 9449) as a server looks at them:
#
#   my ($head, $claims) = Test::OAuthCC::Proof::verified($t, $jwt, 'a login');
#
# Tests with openssl that the signature is one of the key in the head, or of
# that in a file of the prefix, if one is given.  thumbprint() is RFC 7638.

use v5.36;

use Digest::SHA qw(sha256);
use JSON::PP ();
use MIME::Base64 qw(encode_base64url decode_base64url);
use Test::More;


sub verified ($t, $jwt, $what, $pub = undef) {
    $t->secret($jwt);

    my ($text, $signature) = $jwt =~ /^(.+)\.(.+)$/;
    my ($head, $claims) = map { JSON::PP::decode_json(decode_base64url($_)) }
                          split /\./, $text;

    my ($family, $bits) = $head->{alg} =~ /^(..)(\d*)/;
    my $sig = decode_base64url($signature);

    if ($family eq 'ES') {
        my $half = length($sig) / 2;
        my $der = integer(substr $sig, 0, $half) . integer(substr $sig, $half);

        $sig = "\x30" . (length $der > 127 ? "\x81" : '') . pack 'C/a', $der;
    }

    slurp_to($t, 'signed', $text);
    slurp_to($t, 'signature', $sig);

    $pub //= public($t, $head->{jwk});

    my $in = 'cd ' . $t->prefix . ' && openssl';
    my $pss = $family ne 'PS' ? ''
              : '-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest';
    my $said = $head->{alg} eq 'EdDSA'
        ? `$in pkeyutl -verify -pubin -inkey $pub -rawin -in signed -sigfile signature 2>&1`
        : `$in dgst -sha$bits -verify $pub $pss -signature signature signed 2>&1`;

    like($said, qr/Verified OK|Verified Successfully/, "$what: signature");

    return $head, $claims;
}


sub thumbprint ($jwk) {
    return encode_base64url(sha256(JSON::PP->new->canonical->encode($jwk)));
}


# an integer of DER
sub integer ($bytes) {
    $bytes =~ s/^\0+//;
    $bytes = "\0$bytes" if ord($bytes) > 127;
    return "\x02" . pack 'C/a', $bytes;
}


sub slurp_to ($t, $name, $bytes) {
    open my $fh, '>:raw', $t->prefix . "/$name" or die "$name: $!";
    print $fh $bytes;
    close $fh;
}


# a P-256 key of a JWK as a file
sub public ($t, $jwk) {
    my $der = pack('H*', '3059301306072a8648ce3d020106082a8648ce3d03010703420004')
              . decode_base64url($jwk->{x}) . decode_base64url($jwk->{y});

    slurp_to($t, 'jwk.der', $der);
    $t->openssl('pkey -pubin -inform DER -in jwk.der -out jwk.pub');

    return 'jwk.pub';
}


1;
