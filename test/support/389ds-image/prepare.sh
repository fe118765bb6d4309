#!/bin/sh
# Creates the instance and fills it, once, while the image is built.
set -eu
sed -i 's/^with_systemd = 1/with_systemd = 0/' /usr/share/dirsrv/inf/defaults.inf
dscreate from-file /srv/instance.inf || { tail -n 30 /var/log/dirsrv/dscreate* 2>/dev/null; exit 1; }

ns-slapd -D /etc/dirsrv/slapd-test -i /run/dirsrv/slapd-test.pid -d 0 &
server=$!
as_manager() { "$@" -x -H ldap://localhost:3389 -D 'cn=Directory Manager' -w admin-secret; }
until as_manager ldapwhoami >/dev/null 2>&1; do kill -0 $server; sleep 0.2; done
as_manager ldapmodify -f /srv/settings.ldif
as_manager ldapmodify -a -f /srv/entries.ldif
kill $server
wait $server
