# The daemon as a container image: Node.js without npm, not root, and nothing to write to but the state directory.
#
#   docker build --tag scim-ldap-bridge .
#
# How to run it: docs/containers.md.
ARG NODE_IMAGE=node:24-bookworm-slim
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npx tsc --project tsconfig.build.json \
 && chmod 755 dist/main.js \
 && npm prune --omit=dev --ignore-scripts --no-audit \
 && find dist node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.cts' -o -name '*.mts' -o -name '*.md' \) -delete

FROM ${RUNTIME_IMAGE}
ARG VERSION=unreleased
ARG REVISION=unknown
LABEL org.opencontainers.image.title="scim-ldap-bridge" \
      org.opencontainers.image.description="Lets SCIM 2.0 clients provision users and groups into the LDAP directory that is already there" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# Mounted secrets are found by their names, as under systemd: { file: ldap-bind }.
ENV NODE_ENV=production \
    CREDENTIALS_DIRECTORY=/run/secrets \
    STATE_DIRECTORY=/var/lib/scim-ldap-bridge

COPY --from=build /usr/local/bin/node /usr/local/bin/node
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/scim-ldap-bridge --no-create-home scim-ldap-bridge \
 && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/scim-ldap-bridge \
 && ln -s /opt/scim-ldap-bridge/dist/main.js /usr/local/bin/scim-ldap-bridge
WORKDIR /opt/scim-ldap-bridge
COPY LICENSE CHANGELOG.md ./
COPY deploy/container/probe.mjs ./
COPY config/mappings config/mappings
COPY config/schema config/schema
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist

USER 10001:10001
VOLUME /var/lib/scim-ldap-bridge
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s CMD ["node", "/opt/scim-ldap-bridge/probe.mjs", "/healthz"]
ENTRYPOINT ["scim-ldap-bridge"]
CMD ["serve"]
