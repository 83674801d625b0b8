#!/bin/sh
# Looks whether a deployed stack works, and mails the mailbox simulator of SES: what `make smoke` runs.
#     TOKEN=… sh infra/smoke.sh STACK
# TOKEN is the ID token of somebody in the groups admin and technician. It leaves two tickets, smoke-…, with
# a message each. Needs curl, jq and the AWS CLI. WAIT is how many seconds an event may take (120).
set -eu
stack=$1
: "${TOKEN:?the ID token of somebody in the groups admin and technician}"
wait=${WAIT:-120}
failed=0
described=$(aws cloudformation describe-stacks --stack-name "$stack" --output json)
api=${API_URL:-$(printf '%s' "$described" | jq -r '.Stacks[0].Outputs[] | select(.OutputKey == "ApiUrl").OutputValue')}
origins=$(printf '%s' "$described" | jq -r '.Stacks[0].Parameters[] | select(.ParameterKey == "AllowedOrigins").ParameterValue')
body=$(mktemp)
trap 'rm -f "$body"' EXIT
# ok NAME, or wrong NAME WHAT
ok() { echo "ok     $1"; }
wrong() {
    echo "failed $1: $2" >&2
    failed=$((failed + 1))
}
# call METHOD PATH [JSON]: the status; the answer is in $body
call() {
    curl -sS --max-time 40 -o "$body" -w '%{http_code}' -X "$1" -H "Authorization: Bearer $TOKEN" \
        ${3:+-H 'Content-Type: application/json' --data "$3"} "$api$2"
}

status=$(curl -sS --max-time 40 -o "$body" -w '%{http_code}' "$api/health")
if [ "$status" = 200 ]; then ok health; else wrong health "$status, see the log of the function parameters"; fi

origin=${origins%%,*}
# The header that a browser asks for; a stack without origins answers none.
headers=$(curl -sS --max-time 40 -o /dev/null -D - -X OPTIONS -H "Origin: ${origin:-https://page.example.com}" \
    -H 'Access-Control-Request-Method: PUT' -H 'Access-Control-Request-Headers: authorization,if-match' "$api/tickets/1")
allowed=$(printf '%s\n' "$headers" | tr -d '\r' | awk 'tolower($0) ~ /^access-control-allow-origin:/ { sub(/^[^:]*: */, ""); print }')
if [ "$allowed" = "$origin" ]; then ok "preflight of ${origin:-a page that is not allowed}"; else wrong preflight "allowed is \"$allowed\", wanted \"$origin\""; fi

status=$(call GET /health/config)
if [ "$status" != 200 ]; then
    wrong health/config "$status $(cat "$body")"
elif [ "$(jq .ready "$body")" != true ]; then
    wrong health/config "$(jq -c '[.checks[] | select(.status != "ok")]' "$body")"
else
    ok health/config
fi

status=$(call GET /me)
me=$(jq -r '.email // empty' "$body" 2>/dev/null || true)
if [ -z "$me" ]; then
    wrong me "$status: the token names no e-mail; use the ID token"
    exit 1
fi
run=$(date +%s)
# mail KIND STATUS: a mail to that address of the simulator ends in that status
mail() {
    ticket=$(jq -nc --arg to "$1+$run@simulator.amazonses.com" --arg me "$me" \
        '{requester: {name: "Smoke", email: $to}, responsible: {name: "Smoke", email: $me}, activity: "Smoke"}')
    status=$(call PUT "/tickets/smoke-$1-$run" "$ticket")
    case $status in 200 | 201) ;; *) wrong "mail to $1" "ticket: $status $(cat "$body")"; return ;; esac
    status=$(call POST "/tickets/smoke-$1-$run/messages" '{"text": "smoke"}')
    if [ "$status" != 202 ]; then wrong "mail to $1" "message: $status $(cat "$body")"; return; fi
    path="/tickets/smoke-$1-$run/messages/$(jq -r .id "$body")"
    until=$(($(date +%s) + wait))
    while [ "$(date +%s)" -lt "$until" ]; do
        status=$(call GET "$path")
        state=$(jq -r '.deliveries[0].status // "none"' "$body" 2>/dev/null || echo "$status")
        if [ "$state" = "$2" ]; then ok "mail to $1: $2"; return; fi
        sleep 1
    done
    wrong "mail to $1" "it is $state after $wait s, not $2: $(jq -c '.deliveries[0].reason' "$body" 2>/dev/null)"
}
mail success delivered
mail bounce bounced
[ "$failed" -eq 0 ] || { echo "$failed failed" >&2; exit 1; }
echo "the stack works"
