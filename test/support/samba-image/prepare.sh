#!/bin/bash
# Provisions the domain and fills it, once, while the image is built.
set -euo pipefail

# xattr_tdb: the access control of sysvol's files goes into a database, for a build may not set security attributes.
rm -f /etc/samba/smb.conf
samba-tool domain provision --realm=EXAMPLE.ORG --domain=EXAMPLE --server-role=dc --dns-backend=NONE --adminpass='Admin-Secret1' \
  --host-name=dc --host-ip=127.0.0.1 --use-rfc2307 --option='vfs objects=dfs_samba4 acl_xattr xattr_tdb' 2>&1 | tail -n 20
sed -i -e '/^\[global\]/a\	ldap server require strong auth = no' \
  -e 's/^\tserver services = .*/\tserver services = ldap, cldap, kdc, winbindd, rpc/' /etc/samba/smb.conf

# A certificate that names localhost; Samba's own has no subjectAltName.
cd /var/lib/samba/private/tls
openssl req -x509 -newkey rsa:2048 -nodes -sha256 -days 3650 -subj /CN=dc.example.org -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
  -keyout key.pem -out cert.pem
cp cert.pem ca.pem
chmod 600 key.pem

for name in people groups disabled readonly services; do samba-tool ou create "OU=$name,DC=example,DC=org"; done
samba-tool domain passwordsettings set --complexity=off --min-pwd-length=8 --min-pwd-age=0 --history-length=3
samba-tool user create bridge 'Bridge-Secret1' --userou=OU=services
sid=$(samba-tool user show bridge --attributes=objectSid | sed -n 's/^objectSid: //p')
for name in people groups disabled; do
  samba-tool dsacl set --objectdn="OU=$name,DC=example,DC=org" --sddl="(A;CI;GA;;;$sid)"
done >/dev/null
