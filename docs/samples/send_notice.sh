#!/bin/sh
# Sends a notice and waits until it is on its way; needs curl.
#
# POSTHOUSE_URL is https://chat.example.org:5281, POSTHOUSE_KEY the key of the application, the argument who gets it.
# Where the server's authority is not known to the computer, CURL_CA_BUNDLE names the file ca.pem.
set -eu

ask() {
    method=$1 path=$2
    shift 2
    curl --silent --show-error --fail-with-body --max-time 30 --request "$method" "$POSTHOUSE_URL/api/v1$path" \
        --header "Authorization: Bearer $POSTHOUSE_KEY" --header "Content-Type: application/json" "$@"
}

# The text that stands behind the first such name.
text_of() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

sent=$(ask POST /messages --data @- <<END
{"to": {"people": ["$1"]}, "title": "请假待审批", "text": "陈静，3天", "idempotencyKey": "leave-18"}
END
)
id=$(printf '%s' "$sent" | text_of id)
echo "sent as $id"
while :; do
    state=$(ask GET "/messages/$id" | grep -o '"state":"[^"]*"' | head -n 1 | text_of state)
    [ "$state" = accepted ] || break
    sleep 0.2
done
echo "$1 $state"
