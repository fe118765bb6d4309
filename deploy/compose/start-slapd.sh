# Fills an empty /srv/ldap with the sample entries, and runs slapd on it. $LDAP_PASSWORD is for the bridge's account.
set -eu
share=/usr/local/share/try-out
cd /srv/ldap
umask 077
printf %s "$LDAP_PASSWORD" >password
cp "$share/scim.schema" .
sed "s:@DIR@:$PWD:" "$share/slapd.conf" >slapd.conf
if [ ! -e db/data.mdb ]; then
  mkdir -p db
  hash=$(/usr/sbin/slappasswd -n -h '{SSHA}' -T password)
  sed "s|@PASSWORD@|$hash|" "$share/sample.ldif" | /usr/sbin/slapadd -q -f slapd.conf
fi
exec /usr/sbin/slapd -d 0 -h ldap://0.0.0.0:3389 -f slapd.conf
