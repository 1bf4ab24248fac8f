"""A look-alike of S3 on a free port. Prints where it is; does what each line on standard input asks, and answers with a line."""

import json, os, sys

# From then on everything is asked for its credentials: see "guard".
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "1000000000"

import logging
import urllib.request

import boto3
from moto.server import ThreadedMotoServer

# Guarded, it fails on signatures in addresses, and says so at length; whoever asked sees that by the answer.
logging.getLogger("werkzeug").setLevel(logging.CRITICAL + 1)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://{host}:{port}"
own = dict(endpoint_url=url, region_name="us-east-1", aws_access_key_id="setup", aws_secret_access_key="setup")
s3, iam = boto3.client("s3", **own), boto3.client("iam", **own)


def answer(asked):
    match asked["do"]:
        case "make":
            s3.create_bucket(Bucket=asked["bucket"])
        case "list":
            pages = s3.get_paginator("list_objects_v2").paginate(Bucket=asked["bucket"])
            return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}
        case "put":
            s3.put_object(Bucket=asked["bucket"], Key=asked["key"], Body=asked["body"].encode())
        case "version":
            s3.put_bucket_versioning(Bucket=asked["bucket"], VersioningConfiguration={"Status": "Enabled"})
        case "expire":
            rule = {"ID": "gone", "Status": "Enabled", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}
            s3.put_bucket_lifecycle_configuration(Bucket=asked["bucket"], LifecycleConfiguration={"Rules": [rule]})
        case "guard":
            # One who may use the bucket, and one who may only list it; and nobody else.
            keys = {}
            for name, allowed in {"headroom": "s3:*", "reader": "s3:ListBucket"}.items():
                iam.create_user(UserName=name)
                statement = {"Effect": "Allow", "Action": allowed, "Resource": "*"}
                document = json.dumps({"Version": "2012-10-17", "Statement": statement})
                iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=document)
                key = iam.create_access_key(UserName=name)["AccessKey"]
                keys[name] = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
            reset = urllib.request.Request(f"{url}/moto-api/reset-auth", data=b"0", headers={"content-type": "text/plain"}, method="POST")
            urllib.request.urlopen(reset).read()
            return keys
    return True


print(json.dumps({"url": url}), flush=True)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
