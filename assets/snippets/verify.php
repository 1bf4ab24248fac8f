<?php

// Returns the event, or throws. The body is file_get_contents('php://input').
function verify(string $body, string $secret): array
{
    $id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
    $timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
    if (abs(time() - (int) $timestamp) > 300) {
        throw new Exception('too old, or without a time');
    }

    $key = base64_decode(str_replace('whsec_', '', $secret));
    if ($key === '') {
        throw new Exception('no secret');
    }
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    foreach (explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '') as $one) {
        if (hash_equals($expected, $one)) {
            return json_decode($body, true);
        }
    }
    throw new Exception('no signature fits');
}
