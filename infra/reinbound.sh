#!/bin/sh
# Takes in the mails of the bucket whose event never came:
#     sh infra/reinbound.sh STACK [HOURS]
# It hands each mail of the last HOURS (48 unless told) to the function as the bucket's event would.
# Needs the AWS CLI and jq. A mail that was taken in before changes nothing, so run it as often as you like.
set -eu
stack=$1
hours=${2:-48}
# GNU's date, then that of BSD and macOS.
since=$(date -u -d "-$hours hours" +%FT%TZ 2>/dev/null || date -u -v "-${hours}H" +%FT%TZ)
output() {
    aws cloudformation describe-stacks --stack-name "$stack" \
        --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue" --output text
}
# The bucket is there without a reply domain, too; this output is not.
record=$(output ReplyMxRecord)
if [ -z "$record" ] || [ "$record" = None ]; then
    echo "the stack $stack receives no mail: it has no ReplyDomain" >&2
    exit 1
fi
bucket=$(output FilesBucket)
function=$(aws cloudformation describe-stack-resource --stack-name "$stack" \
    --logical-resource-id InboundFunction --query StackResourceDetail.PhysicalResourceId --output text)
answer=$(mktemp)
listed=$(mktemp)
mails=$(mktemp)
payload=$(mktemp)
trap 'rm -f "$answer" "$listed" "$mails" "$payload"' EXIT
trap 'exit 1' HUP INT TERM
aws s3api list-objects-v2 --bucket "$bucket" --prefix inbound/ --output json \
    --query "Contents[?LastModified>='$since'].{key: Key, size: Size}" >"$listed"
jq -c '.[]? | {source: "aws.s3", "detail-type": "Object Created", detail: {object: .}}' "$listed" >"$mails"
given=0 failed=0
while IFS= read -r event; do
    printf '%s' "$event" >"$payload"
    # The function runs for up to 60 seconds.
    error=$(AWS_MAX_ATTEMPTS=1 aws lambda invoke --function-name "$function" \
        --cli-read-timeout 120 --payload "fileb://$payload" --query FunctionError --output text "$answer" </dev/null) || error=failed
    if [ "$error" = None ]; then
        given=$((given + 1))
    else
        failed=$((failed + 1))
        printf '%s\n' "$event" | jq -r '"not taken in: " + .detail.object.key' >&2
    fi
done <"$mails"
echo "handed over: $given, failed: $failed"
[ "$failed" -eq 0 ]
