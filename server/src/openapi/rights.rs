//! Which right each operation needs, by its id: said in the document as `x-right`. The rules check it themselves, in
//! `domain`; a test asks every operation as everyone and finds out where the two differ.

use domain::Right;

const TABLE: &[(Right, &[&str])] = &[
    (
        Right::Look,
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
    (Right::Speak, &["send_message", "edit_message", "delete_message"]),
    (
        Right::ChangeOwn,
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
    (Right::JoinRooms, &["join_room"]),
    (Right::MakeRooms, &["create_room"]),
    (
        Right::ManageMembers,
        &["add_members", "remove_member", "list_room_invitations", "create_room_invitation", "delete_room_invitation"],
    ),
    (
        Right::ManageSignIn,
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
    (Right::InvitePeople, &["invite_person", "list_account_invitations", "withdraw_invitation"]),
    (Right::ModeratePeople, &["list_accounts", "set_account_status", "end_account_sessions"]),
    (Right::RunService, &["get_config", "set_config"]),
    (Right::GiveRoles, &["set_role"]),
    (Right::LetBackIn, &["make_reset_link", "remove_second_factor_of"]),
];

/// The right that an operation needs of whoever is signed in.
pub fn right(operation: &str) -> Option<Right> {
    TABLE.iter().find(|(_, operations)| operations.contains(&operation)).map(|(right, _)| *right)
}
