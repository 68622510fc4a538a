#!/usr/bin/python3

# A gRPC client for t/grpc: client.py ADDRESS.  It reads one JSON command a line
# from its standard input, each of which it answers with a list of [status,
# answer] of the calls:
#
#   {"prefix": "", "method": "Unary", "calls": 1, "sizes": [10], "pauses": [0],
#    "metadata": [["name", "value"]]}
#
# Calls are made all at once, over some connections.  A call sends a message of
# each size, after a pause of so many seconds; with "open" the stream is not
# ended by the client.

import json
import sys
import threading
import time
from concurrent import futures

import grpc

channels = [
    grpc.insecure_channel(sys.argv[1], options=(
        ('grpc.use_local_subchannel_pool', 1),
        ('grpc.enable_retries', 0)))
    for _ in range(4)
]


def messages(command, done):
    pauses = command.get('pauses', [])

    for i, size in enumerate(command['sizes']):
        time.sleep(pauses[i] if i < len(pauses) else 0)
        yield bytes(j * 7 % 256 for j in range(size))

    if command.get('open'):
        done.wait(10)


def call(command, n):
    channel = channels[n % len(channels)]
    method = command.get('method', 'Unary')
    name = command.get('prefix', '') + '/test.Api/' + method
    done = threading.Event()

    try:
        if method == 'Unary':
            message = next(messages(command, done))
            metadata = [tuple(pair) for pair in command.get('metadata', [])]
            answer = channel.unary_unary(name)(message, timeout=20,
                                               metadata=metadata)

        elif method == 'Collect':
            answer = channel.stream_unary(name)(messages(command, done),
                                                timeout=20)
        else:
            answer = b''.join(channel.stream_stream(name)(
                messages(command, done), timeout=20))

        return [0, answer.decode('latin-1')]

    except grpc.RpcError as error:
        return [error.code().value[0], error.details()]

    finally:
        done.set()


with futures.ThreadPoolExecutor(max_workers=64) as pool:
    print(json.dumps('ready'), flush=True)

    for line in sys.stdin:
        command = json.loads(line)
        calls = [pool.submit(call, command, n)
                 for n in range(command.get('calls', 1))]
        print(json.dumps([c.result() for c in calls]), flush=True)
