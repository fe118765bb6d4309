/** slapd.conf with everything that the bridge can make use of; runs on OpenLDAP 2.5 and 2.6 as Debian packages them. */
export const FULL_CONFIGURATION = `
include      /etc/ldap/schema/core.schema
include      /etc/ldap/schema/cosine.schema
include      /etc/ldap/schema/inetorgperson.schema
include      /etc/ldap/schema/nis.schema
include      @DIR@/scim.schema
pidfile      @DIR@/slapd.pid
argsfile     @DIR@/slapd.args
modulepath   /usr/lib/ldap
moduleload   back_mdb
moduleload   memberof
moduleload   refint
moduleload   unique
moduleload   ppolicy
moduleload   deref
moduleload   sssvlv
threads      4
sizelimit    500
sortvals     member
disallow     bind_anon
require      authc

database     mdb
suffix       "dc=example,dc=org"
rootdn       "cn=admin,dc=example,dc=org"
rootpw       admin-secret
directory    @DIR@/db
maxsize      268435456
envflags     nosync writemap
index        objectClass eq
index        entryUUID eq
index        uid,mail,employeeNumber,scimExternalId eq
index        cn,displayName,givenName,sn eq,sub
index        member,memberOf eq
index        modifyTimestamp eq
limits       dn.exact="cn=bridge,dc=example,dc=org" size=unlimited size.pr=1000 size.prtotal=unlimited time=unlimited
access       to attrs=userPassword
               by dn.exact="cn=bridge,dc=example,dc=org" =w
               by anonymous auth
               by * none
access       to dn.subtree="ou=readonly,dc=example,dc=org"
               by dn.exact="cn=bridge,dc=example,dc=org" read
               by * none
access       to dn.subtree="dc=example,dc=org"
               by dn.exact="cn=bridge,dc=example,dc=org" write
               by * none
overlay      unique
unique_uri   "serialize ldap:///ou=people,dc=example,dc=org?uid?sub"
unique_uri   "serialize ldap:///ou=people,dc=example,dc=org?mail?sub"
overlay      memberof
overlay      memberof
memberof-group-oc scimGroup
overlay      refint
refint_attributes member manager owner
refint_nothing "cn=nobody,dc=example,dc=org"
overlay      ppolicy
ppolicy_default "cn=default,ou=policies,dc=example,dc=org"
ppolicy_hash_cleartext
ppolicy_use_lockout
overlay      deref
overlay      sssvlv
`;

/** As Debian's package leaves it: only the database, its few indexes, 500 entries at most. */
export const BARE_CONFIGURATION = `
include      /etc/ldap/schema/core.schema
include      /etc/ldap/schema/cosine.schema
include      /etc/ldap/schema/inetorgperson.schema
include      /etc/ldap/schema/nis.schema
include      @DIR@/scim.schema
pidfile      @DIR@/slapd.pid
argsfile     @DIR@/slapd.args
modulepath   /usr/lib/ldap
moduleload   back_mdb
threads      4
sizelimit    500

database     mdb
suffix       "dc=example,dc=org"
rootdn       "cn=admin,dc=example,dc=org"
rootpw       admin-secret
directory    @DIR@/db
maxsize      268435456
envflags     nosync writemap
index        objectClass eq
index        cn,uid eq
index        uidNumber,gidNumber eq
index        member,memberUid eq
access       to attrs=userPassword
               by dn.exact="cn=bridge,dc=example,dc=org" =w
               by anonymous auth
               by * none
access       to dn.subtree="dc=example,dc=org"
               by dn.exact="cn=bridge,dc=example,dc=org" write
               by * none
`;

/** The entries that are there before any test. Nobody's password but the bridge's is known. */
export const BASE_LDIF = `dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=example,dc=org
objectClass: organizationalUnit
ou: groups

dn: ou=disabled,dc=example,dc=org
objectClass: organizationalUnit
ou: disabled

dn: ou=readonly,dc=example,dc=org
objectClass: organizationalUnit
ou: readonly

dn: ou=policies,dc=example,dc=org
objectClass: organizationalUnit
ou: policies

dn: cn=default,ou=policies,dc=example,dc=org
objectClass: device
objectClass: pwdPolicy
cn: default
pwdAttribute: userPassword
pwdMinLength: 8
pwdCheckQuality: 2
pwdInHistory: 3
pwdLockout: TRUE
pwdMaxFailure: 5

dn: cn=bridge,dc=example,dc=org
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: bridge
userPassword: bridge-secret
`;

/** The same without the password policy: where its overlay isn't loaded, the schema lacks its classes. */
export const BARE_LDIF = BASE_LDIF.split('\n\n')
  .filter((entry) => !entry.includes('ou=policies'))
  .join('\n\n');
