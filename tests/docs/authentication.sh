ID() { command headroom key list --org Acme --json | grep -oE '"id":"[0-9a-f]+"' | head -n 1 | cut -d'"' -f4; }
