# An OpenLDAP for the try-out, as Debian packages it: the demo's configuration, its people, and the bridge's account.
FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends slapd ldap-utils \
 && rm -rf /var/lib/apt/lists/* \
 && install --directory --owner=openldap --group=openldap --mode=0700 /srv/ldap
COPY config/demo/slapd.conf config/schema/scim.schema deploy/compose/sample.ldif deploy/compose/start-slapd.sh /usr/local/share/try-out/
USER openldap
VOLUME /srv/ldap
EXPOSE 3389
CMD ["sh", "/usr/local/share/try-out/start-slapd.sh"]
