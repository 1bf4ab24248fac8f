require 'json'
require 'openssl'

# Returns the event, or raises. The body as it came, not parsed yet.
def verify(headers, body, secret)
  id, timestamp = headers['webhook-id'], headers['webhook-timestamp']
  raise 'too old, or without a time' if (Time.now.to_i - timestamp.to_i).abs > 300

  key = secret.delete_prefix('whsec_').unpack1('m')
  raise 'no secret' if key.empty?
  sum = OpenSSL::HMAC.digest('SHA256', key, "#{id}.#{timestamp}.#{body}")
  expected = "v1,#{[sum].pack('m0')}"
  signatures = headers['webhook-signature'].to_s.split
  raise 'no signature fits' unless signatures.any? { |one| OpenSSL.secure_compare(one, expected) }

  JSON.parse(body)
end
