#!/bin/sh
# Gives what is in the dead-letter queue back to the functions that it failed in:
#     sh infra/redrive.sh STACK
# Needs the AWS CLI and jq. Do it once the cause is fixed: what fails again stays in the queue.
# An event that was applied already changes nothing. A batch of the stream and a run of the schedule
# have nothing to give back (their deliveries are in the table, and the next run finds them).
set -eu
stack=$1
output() {
    aws cloudformation describe-stacks --stack-name "$stack" \
        --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue" --output text
}
function_of() {
    aws cloudformation describe-stack-resource --stack-name "$stack" \
        --logical-resource-id "$1" --query StackResourceDetail.PhysicalResourceId --output text
}
queue=$(output DeadLetterQueue)
answer=$(mktemp)
# An event may be larger than an argument of a command can be.
payload=$(mktemp)
trap 'rm -f "$answer" "$payload"' EXIT
trap 'exit 1' HUP INT TERM
given=0 left=0 dropped=0
while :; do
    # What was taken is hidden for ten minutes: a message that fails again is not met twice.
    received=$(aws sqs receive-message --queue-url "$queue" --visibility-timeout 600 --wait-time-seconds 2 --output json)
    message=$(printf '%s' "$received" | jq -c '.Messages[0] // empty')
    [ -n "$message" ] || break
    receipt=$(printf '%s' "$message" | jq -r .ReceiptHandle)
    body=$(printf '%s' "$message" | jq -r .Body)
    # A failed invocation says which function and with what; an event that EventBridge could not
    # hand over is itself the body.
    target=$(printf '%s' "$body" | jq -r '
        if .DDBStreamBatchInfo or (.requestPayload // .).source == "mensageria.schedule" then "none"
        elif .requestContext.functionArn then .requestContext.functionArn
        elif .source == "aws.ses" then "FeedbackFunction"
        elif .source == "aws.s3" then "InboundFunction"
        elif .["detail-type"] then "EventsFunction"
        else "unknown" end' 2>/dev/null) || target=unknown
    case $target in
        none) dropped=$((dropped + 1)) ;;
        unknown) left=$((left + 1)); continue ;;
        *)
            case $target in *Function) target=$(function_of "$target") ;; esac
            printf '%s' "$body" | jq -c '.requestPayload // .' >"$payload"
            # The functions run for up to 90 seconds, and the CLI would ask again after 60.
            failed=$(AWS_MAX_ATTEMPTS=1 aws lambda invoke --function-name "$target" \
                --cli-read-timeout 120 --payload "fileb://$payload" --query FunctionError --output text "$answer") || failed=failed
            if [ "$failed" != None ]; then
                left=$((left + 1))
                continue
            fi
            given=$((given + 1))
            ;;
    esac
    aws sqs delete-message --queue-url "$queue" --receipt-handle "$receipt"
done
echo "given back: $given, nothing to give back: $dropped, left in the queue: $left"
[ "$left" -eq 0 ]
