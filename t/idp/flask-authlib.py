#!/usr/bin/env python3

# A real authorization server for the tests: Authlib, on Flask, with the client
# credentials grant and clients that sign assertions.  It takes id and secret of
# Basic as they are, or form-decodes them (1.6).  Its options and what it prints
# are those of serve.mjs.
#
#   POST /token          the token endpoint
#   POST /introspect     RFC 7662
#   GET  /_logins        see serve.mjs

import argparse
import base64
import json
import logging
import os
import pathlib
import sys
import threading
import time

# it is behind no TLS
os.environ['AUTHLIB_INSECURE_TRANSPORT'] = '1'

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.jose import JsonWebKey
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import Flask, jsonify, request
from werkzeug.serving import make_server

parser = argparse.ArgumentParser()
parser.add_argument('--port', type=int, default=0)
parser.add_argument('--ttl', type=int, default=300)
parser.add_argument('--more')
options = parser.parse_args()

here = pathlib.Path(__file__).parent
known = json.loads((here / 'clients.json').read_bytes())

if options.more:
    known.update(json.loads(pathlib.Path(options.more).read_bytes())['clients'])


class Client(ClientMixin):
    def __init__(self, client):
        self.client_id = client['client_id']
        self.secret = client.get('client_secret')
        self.method = client.get('token_endpoint_auth_method')
        self.key = client.get('public') and JsonWebKey.import_key(
            pathlib.Path(client['public']).read_bytes())

    def get_client_id(self):
        return self.client_id

    def get_default_redirect_uri(self):
        return None

    def get_allowed_scope(self, scope):
        return ' '.join(s for s in (scope or '').split()
                        if s in ('read', 'write'))

    def check_redirect_uri(self, redirect_uri):
        return False

    def check_client_secret(self, client_secret):
        return self.secret == client_secret

    def check_endpoint_auth_method(self, method, endpoint):
        if self.method:
            return method == self.method or method == 'client_assertion_jwt'
        return method in ('client_secret_basic', 'client_secret_post')

    def check_response_type(self, response_type):
        return False

    def check_grant_type(self, grant_type):
        return grant_type == 'client_credentials'


class Token(TokenMixin):
    def __init__(self, token, client):
        self.token = token
        self.client = client
        self.issued_at = int(time.time())

    def check_client(self, client):
        return True

    def get_scope(self):
        return self.token.get('scope')

    def get_expires_in(self):
        return self.token['expires_in']

    def is_expired(self):
        return self.issued_at + self.get_expires_in() < time.time()

    def is_revoked(self):
        return False


clients = {c['client_id']: Client(c) for c in known.values()}
tokens = {}
assertions = set()
logins = []
url = []


class Grant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ['client_secret_basic', 'client_secret_post',
                                   'client_assertion_jwt']


class Assertion(JWTBearerClientAssertion):
    def validate_jti(self, claims, jti):
        new = jti not in assertions
        assertions.add(jti)
        return new

    def resolve_client_public_key(self, client, headers):
        return client.key or client.secret


class Introspection(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS = ['client_secret_post']

    def query_token(self, token_string, token_type_hint):
        return tokens.get(token_string)

    def check_permission(self, token, client, request):
        return True

    def introspect_token(self, token):
        return {'active': True, 'client_id': token.client.client_id,
                'scope': token.get_scope()}


def save_token(token, oauth_request):
    tokens[token['access_token']] = Token(token, oauth_request.client)


app = Flask('authlib')
app.config['OAUTH2_TOKEN_EXPIRES_IN'] = {'client_credentials': options.ttl}

server = AuthorizationServer(app, query_client=clients.get,
                             save_token=save_token)


@app.post('/token')
def token():
    response = server.create_token_response()
    said = response.get_json() or {}
    form = request.form
    basic = (request.headers.get('Authorization') or '').partition(' ')[2]

    logins.append({
        'client_id': form.get('client_id') or basic and
        base64.b64decode(basic).decode('utf-8', 'replace').split(':')[0],
        'method': 'client_secret_basic' if basic
        else 'private_key_jwt' if 'client_assertion' in form
        else 'client_secret_post',
        'scope': form.get('scope'),
        'assertion': form.get('client_assertion'),
        'token': said.get('access_token'),
        'error': said.get('error'),
        'detail': said.get('error_description'),
    })
    return response


@app.post('/introspect')
def introspect():
    return server.create_endpoint_response(Introspection.ENDPOINT_NAME)


@app.get('/_logins')
def asked():
    return jsonify(logins)


logging.getLogger('werkzeug').setLevel(logging.ERROR)

http = make_server('127.0.0.1', options.port, app, threaded=True)
address = f'http://127.0.0.1:{http.server_port}'

server.register_grant(Grant)
server.register_endpoint(Introspection)
server.register_client_auth_method('client_assertion_jwt',
                                   Assertion(f'{address}/token'))

threading.Thread(target=http.serve_forever, daemon=True).start()
print(json.dumps({'port': http.server_port, 'url': address}), flush=True)

# it does not outlive a test
sys.stdin.read()
