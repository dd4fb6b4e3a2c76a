//! The permission that each operation requires, by operation id: published in the document as `x-right`. `domain`
//! checks permissions itself; a test calls every operation with every role and finds out where the two differ.

use domain::Permission;

const TABLE: &[(Permission, &[&str])] = &[
    (
        Permission::Read,
        &[
            "get_snapshot",
            "poll_events",
            "open_socket",
            "logout_user",
            "get_user",
            "find_user",
            "search_users",
            "list_online",
            "list_blocked",
            "get_profile",
            "get_settings",
            "get_avatar",
            "get_user_avatar",
            "get_email",
            "list_notifications",
            "list_invitations",
            "list_rooms",
            "get_room",
            "list_members",
            "list_messages",
            "get_message",
            "list_sessions",
            "get_current_session",
            "get_session_stats",
            "list_tokens",
        ],
    ),
    (Permission::SendMessages, &["send_message", "edit_message", "delete_message"]),
    (
        Permission::EditOwn,
        &[
            "read_notifications",
            "update_profile",
            "set_status",
            "replace_settings",
            "reset_settings",
            "set_avatar",
            "remove_avatar",
            "block_user",
            "unblock_user",
            "leave_room",
            "accept_invitation",
            "decline_invitation",
            "mark_read",
        ],
    ),
    (Permission::JoinRooms, &["join_room"]),
    (Permission::CreateRooms, &["create_room"]),
    (
        Permission::ManageMembers,
        &["add_members", "remove_member", "list_room_invitations", "create_room_invitation", "delete_room_invitation"],
    ),
    (
        Permission::ManageCredentials,
        &[
            "confirm_password",
            "change_password",
            "set_email",
            "send_verification",
            "deactivate_user",
            "export_user",
            "get_second_factor",
            "begin_second_factor",
            "confirm_second_factor",
            "remove_second_factor",
            "renew_recovery_codes",
            "rename_session",
            "rename_current_session",
            "end_session",
            "end_other_sessions",
            "create_token",
            "delete_token",
        ],
    ),
    (Permission::InviteUsers, &["create_account_invitation", "list_account_invitations", "revoke_account_invitation"]),
    (Permission::ModerateUsers, &["list_accounts", "set_account_status", "end_account_sessions"]),
    (Permission::ManageServer, &["get_config", "set_config"]),
    (Permission::ManageRoles, &["set_role"]),
    (Permission::ResetCredentials, &["create_reset_link", "remove_account_second_factor"]),
];

/// The permission that an operation requires of a signed-in caller.
pub fn permission_of(operation: &str) -> Option<Permission> {
    TABLE.iter().find(|(_, operations)| operations.contains(&operation)).map(|(right, _)| *right)
}
