#!/usr/bin/env bash
# Sends a file as the shop would: signed over its bytes with the secret that both sides know.
#   ./send.sh TOPIC FILE [SECRET]
set -euo pipefail
signature=$(openssl dgst -sha256 -hmac "${3:-shop-secret}" -binary "$2" | base64)
curl -sS -o /dev/null -w "%{http_code}\n" http://127.0.0.1:8080/hooks/webshop \
    -H "Content-Type: application/json" -H "X-WC-Webhook-Topic: $1" -H "X-WC-Webhook-Signature: $signature" \
    -H "X-WC-Webhook-ID: 7" -H "X-WC-Webhook-Delivery-ID: $RANDOM" \
    --data-binary "@$2"
