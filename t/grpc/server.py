#!/usr/bin/python3

# A gRPC server for t/grpc: server.py ADDRESS.  It serves /test.Api/Unary,
# Collect (a stream of requests) and Echo (streams both ways), and reads one
# JSON command a line from its standard input, each of which it answers:
#
#   {"revoke": [TOKEN, ...]}    these are answered with UNAUTHENTICATED
#   {"status": 7}               all calls are answered with this status
#   {"seen": true}              the calls since the last time, as lists of
#                               method, token, digest of the body, and status
#   {"proofs": true}            of the calls since the last time, the scheme, the
#                               token, and a list of the proofs (RFC 9449)

import hashlib
import json
import sys
import threading
from concurrent import futures

import grpc

lock = threading.Lock()
revoked = set()
seen = []
proofs = []
forced = None


class Guard(grpc.ServerInterceptor):
    """Looks at the token before anything of the request is read."""

    def intercept_service(self, continuation, details):
        handler = continuation(details)
        metadata = details.invocation_metadata
        scheme, _, token = dict(metadata).get('authorization',
                                              '').partition(' ')
        method = details.method.split('/')[-1]

        with lock:
            proofs.append([scheme, token,
                           [v for k, v in metadata if k == 'dpop']])
            code = forced or (16 if token in revoked or not token else 0)

        return wrap(handler, method, token, code)


def wrap(handler, method, token, code):

    def note(body):
        with lock:
            seen.append([method, token, body, code])

    def refuse(request, context):
        if handler.request_streaming:
            note(None)
        else:
            note(hashlib.md5(request).hexdigest())

        status = next(c for c in grpc.StatusCode if c.value[0] == code)
        context.abort(status, 'no')

    def unary(request, context):
        note(hashlib.md5(request).hexdigest())
        return token.encode()

    def collect(requests, context):
        digest = hashlib.md5()
        for request in requests:
            digest.update(request)
        note(digest.hexdigest())
        return token.encode()

    def echo(requests, context):
        for request in requests:
            yield request
        note(None)

    if handler.request_streaming and handler.response_streaming:
        return grpc.stream_stream_rpc_method_handler(refuse if code else echo)

    if handler.request_streaming:
        return grpc.stream_unary_rpc_method_handler(
            refuse if code else collect)

    return grpc.unary_unary_rpc_method_handler(refuse if code else unary)


def serve(address):
    global forced

    nothing = {
        'Unary': grpc.unary_unary_rpc_method_handler(None),
        'Collect': grpc.stream_unary_rpc_method_handler(None),
        'Echo': grpc.stream_stream_rpc_method_handler(None),
    }

    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32),
                         interceptors=(Guard(),),
                         options=(('grpc.max_receive_message_length', -1),))
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler('test.Api', nothing),))

    if not server.add_insecure_port(address):
        sys.exit('no port')

    server.start()
    print(json.dumps('ready'), flush=True)

    for line in sys.stdin:
        command = json.loads(line)
        answer = None

        with lock:
            if 'revoke' in command:
                revoked.update(command['revoke'])
            if 'status' in command:
                forced = command['status']
            if 'seen' in command:
                answer = list(seen)
                seen.clear()
            if 'proofs' in command:
                answer = list(proofs)
                proofs.clear()

        print(json.dumps(answer), flush=True)


serve(sys.argv[1])
