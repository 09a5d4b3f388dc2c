#!/bin/sh
# Says how much waits in a business system for somebody; needs curl.
#
# POSTHOUSE_URL is https://chat.example.org:5281, POSTHOUSE_KEY the key of the application; the arguments are the person
# and the number. Where the server's authority is not known to the computer, CURL_CA_BUNDLE names the file ca.pem.
set -eu

curl --silent --show-error --fail-with-body --max-time 30 --request PUT "$POSTHOUSE_URL/api/v1/badges" \
    --header "Authorization: Bearer $POSTHOUSE_KEY" --header "Content-Type: application/json" --data @- <<END
{"badges": [{"person": "$1", "count": $2}]}
END
echo
